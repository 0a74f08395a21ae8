export * from './durations.js';
export * from './facts.js';
export * from './life.js';
export * from './policy.js';
export * from './provider-words.js';
export * from './random-history.js';
export * from './story.js';
