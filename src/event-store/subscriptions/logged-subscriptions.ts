import { Logger } from '@nestjs/common';
import { errorClass } from './error-class.js';
import { type SubscriptionsObserver } from './subscriptions.observer.js';

/** What an operator wants to find in the log. Errors by their class alone: their words may quote an event. */
export const loggedSubscriptions = (log = new Logger('Subscriptions')): SubscriptionsObserver => ({
  streamParked: (report) =>
    log.error({ msg: 'a stream is parked: an event of it cannot be handled', ...report }),
  streamReleased: (report) => log.log({ msg: 'a parked stream is handled again', ...report }),
  handlerFailed: ({ error, ...report }) =>
    log.warn({ msg: 'a page could not be handled', ...report, error: errorClass(error) }),
  shardTaken: (report) => log.debug({ msg: 'a shard was taken', ...report }),
  shardLost: (report) =>
    log.warn({ msg: 'a shard went to another worker; its page was rolled back', ...report }),
  shardStopped: ({ error, ...report }) =>
    log.error({ msg: `a shard stopped: ${error.message}`, ...report, error: error.code }),
  delayed: ({ error, ...report }) =>
    log.warn({ msg: 'the database failed, it is tried again', ...report, error: errorClass(error) }),
});

/** Tells several observers. */
export const bothObservers = (
  first: SubscriptionsObserver,
  second: SubscriptionsObserver,
): SubscriptionsObserver => {
  const names = [
    ...new Set([...Object.keys(first), ...Object.keys(second)]),
  ] as (keyof SubscriptionsObserver)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      (report: never) => {
        first[name]?.(report);
        second[name]?.(report);
      },
    ]),
  );
};
