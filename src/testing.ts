/*
 * For the tests of host applications (`genledger/testing`): given events, when a subscription handles them, then this.
 */
export * from './event-store/testing/subscription-spec.js';
