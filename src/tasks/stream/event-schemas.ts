import { EventSchemas } from '../../event-store/index.js';
import { ACCOUNT_EVENT_VERSIONS } from '../account/account.events.js';
import { TASK_EVENT_VERSIONS } from '../domain/task.events.js';
import { SUBMISSIONS_EVENT_VERSIONS } from '../submissions/submissions.events.js';

/*
 * How stored events of earlier schema versions are read. A new version of an event brings its upcaster here, and its
 * streams to test/fixtures/events.
 */

export const TASK_SCHEMAS = new EventSchemas(TASK_EVENT_VERSIONS);
export const ACCOUNT_SCHEMAS = new EventSchemas(ACCOUNT_EVENT_VERSIONS);
export const SUBMISSIONS_SCHEMAS = new EventSchemas(SUBMISSIONS_EVENT_VERSIONS);

/** @throws EventSchemasIncompleteError naming the type and version that could not be read */
export const assertEventsReadable = (): void => {
  TASK_SCHEMAS.assertComplete();
  ACCOUNT_SCHEMAS.assertComplete();
  SUBMISSIONS_SCHEMAS.assertComplete();
};
