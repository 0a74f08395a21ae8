export * from './event-store.contract.js';
export * from './subscription-spec.js';
