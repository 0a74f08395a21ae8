import { mayHoldDirectives, readDirectives } from '../faults/directives.js';
import { FaultSyntaxError, type FaultSetting } from '../faults/parse-faults.js';
import { profileOf, type ModelProfile } from '../tasks/model-profile.js';
import { providerError, type ProviderError } from '../wire/provider-error.js';

/** A submit body that the provider understands. */
export interface SubmitRequest {
  readonly model: string;
  readonly profile: ModelProfile;
  readonly input: Readonly<Record<string, unknown>>;
  readonly callbackUrl: string | null;
  readonly directives: readonly FaultSetting[];
}

/** The request in a body, or the error it is refused with. */
export const readSubmit = (text: string, strictModels: boolean): SubmitRequest | ProviderError => {
  const body = parsed(text);
  if (!isObject(body)) return providerError(400, 'The body must be a JSON object');
  const { model, input, callback_url: callbackUrl } = body;
  if (typeof model !== 'string' || model === '') return providerError(400, 'model is required');
  if (!isObject(input)) return providerError(400, 'input is required');
  if (callbackUrl !== undefined && callbackUrl !== null && typeof callbackUrl !== 'string') {
    return providerError(400, 'callback_url must be a string');
  }
  const profile = profileOf(model);
  if (strictModels && !profile.known) return providerError(400, `Unknown model ${model}`);
  try {
    const directives = mayHoldDirectives(text) ? readDirectives(input) : [];
    return { model, profile, input, callbackUrl: callbackUrl || null, directives };
  } catch (error) {
    if (error instanceof FaultSyntaxError) return providerError(400, error.message);
    throw error;
  }
};

export const isRefused = (request: SubmitRequest | ProviderError): request is ProviderError =>
  'status' in request;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
