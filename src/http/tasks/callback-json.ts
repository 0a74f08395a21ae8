import { type RecordedCallbackView } from '../../tasks/index.js';

export const callbackJson = (callback: RecordedCallbackView): object => ({
  id: callback.id,
  received_at: callback.receivedAt.toISOString(),
  attempt: callback.attempt,
  verdict: callback.verdict,
  confirmed: callback.confirmed,
  provider_task_id: callback.providerTaskId,
  provider_status: callback.providerStatus,
  body_sha256: callback.bodySha256,
  body: callback.body,
  headers: callback.headers,
  signature: callback.signature,
  effect_version: callback.effectVersion,
});
