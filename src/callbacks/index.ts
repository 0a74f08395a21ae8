// Set up.
export { CallbacksModule } from './callbacks.module.js';
export { type CallbacksOptions } from './callbacks.options.js';

// Take callbacks.
export { CallbackIntake, type ArrivedRequest, type CallbackPath } from './callback-intake.js';

// Errors.
export { CallbackNotFoundError, TooManyWrongTokensError } from './callback.errors.js';
export { CallbacksOptionsError } from './signed-callback-urls.js';
