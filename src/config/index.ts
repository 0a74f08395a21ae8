export { readConfig, type Environment } from './read-config.js';
export { type Config } from './config.js';
export { ConfigurationError, type ConfigurationProblem } from './configuration.error.js';
export { loadEnvironment } from './load-environment.js';
export { readSealKey } from './seal-key.js';
export { type KeySource } from './parsers.js';
export { envExample } from './env-example.js';
