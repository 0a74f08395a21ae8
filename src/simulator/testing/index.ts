export { type CallbackReceiver, type ReceivedCallback, startCallbackReceiver } from './callback-receiver.js';
export {
  type CallerAnswer,
  type ProviderBody,
  ProviderCaller,
  type ProviderData,
  type ProviderFile,
  type SubmitWish,
} from './provider-caller.js';
