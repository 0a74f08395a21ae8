// Set up.
export { AccessModule } from './access.module.js';

// Recognise and manage keys.
export { KeyService } from './key-service.js';
export { type ApiKey, type CreatedKey, type NewKey } from './api-key.js';
export { isOwnerName, OWNER_NAME_WANTS } from './owner-name.js';
export { allows, isScope, SCOPES, type Scope } from './scopes.js';
export { newKeyText } from './key-text.js';

// Errors.
export { InvalidKeyError, KeyNotFoundError, KeysUnavailableError } from './access.errors.js';
