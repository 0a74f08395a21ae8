// Set up.
export { AccessModule } from './access.module.js';

// Recognise and manage keys.
export { isKeyName, KEY_NAME_WANTS, KeyService, LONGEST_KEY_NAME } from './key-service.js';
export {
  keyStatus,
  type ApiKey,
  type CreatedKey,
  type KeyStatus,
  type NewKey,
  type RotatedKey,
} from './api-key.js';
export { isOwnerName, OWNER_NAME_WANTS } from './owner-name.js';
export { allows, isScope, SCOPES, type Scope } from './scopes.js';
export { newKeyText } from './key-text.js';

// Errors.
export { InvalidKeyError, KeyEndedError, KeyNotFoundError, KeysUnavailableError } from './access.errors.js';
