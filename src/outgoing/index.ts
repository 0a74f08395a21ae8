export {
  OutgoingClient,
  type OutgoingOptions,
  type OutgoingRequest,
  type OutgoingResult,
} from './outgoing-client.js';
