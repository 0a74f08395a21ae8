export { createLogger, type LogOptions } from './create-logger.js';
export { PinoLogger } from './pino-logger.js';
