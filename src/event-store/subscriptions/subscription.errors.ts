import { GenledgerError } from '../../shared/errors.js';

/** A subscription is declared in a way that cannot work, or not as it was started before. A bug of the host. */
export class InvalidSubscriptionError extends GenledgerError {
  constructor(name: string, what: string) {
    super('invalid_subscription', 'bug', `Subscription ${name} cannot be started: ${what}.`, {
      details: { subscription: name },
    });
  }
}

/** A subscription did not come as far as was waited for. It may still do so. */
export class SubscriptionBehindError extends GenledgerError {
  constructor(
    readonly subscription: string,
    /** What was waited for. */
    readonly wanted: number,
    /** How far it is; null when it was never started. */
    readonly position: number | null,
    waitedMs: number,
  ) {
    const where = position === null ? 'has not been started yet' : `is at position ${position}`;
    super(
      'subscription_behind',
      'unavailable',
      `Subscription ${subscription} ${where}, not at ${wanted}, after ${waitedMs} ms. Ask again, or look at ` +
        '"subscriptions list" when it stays behind.',
      { details: { subscription, wanted, position } },
    );
  }
}
