import { type Simulator } from '../simulator.js';

/** Any body the provider sends, as far as callers look into it. */
export interface ProviderBody {
  readonly code?: unknown;
  readonly data?: ProviderData;
  readonly error?: { readonly message: string; readonly type: string };
  readonly [field: string]: unknown;
}

export interface ProviderData {
  readonly task_id?: unknown;
  readonly status?: unknown;
  readonly files?: readonly ProviderFile[];
  readonly output?: { readonly files: readonly ProviderFile[] };
  readonly [field: string]: unknown;
}

export interface ProviderFile {
  readonly file_url: string;
  readonly file_type: string;
  readonly [field: string]: unknown;
}

/** An answer, with its body read as far as it could be. */
export interface CallerAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; empty when it is none. */
  readonly json: ProviderBody;
}

export interface SubmitWish {
  readonly model?: string;
  readonly prompt?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly callbackUrl?: string;
}

const KEY = { authorization: 'Bearer sk-test' };

/** Calls a simulator as a client of the provider does. Rejects when the connection breaks. */
export class ProviderCaller {
  constructor(private readonly simulator: Pick<Simulator, 'url'>) {}

  submit({
    model = 'flux-dev',
    prompt = 'A red fox',
    input,
    callbackUrl,
  }: SubmitWish = {}): Promise<CallerAnswer> {
    return this.send('/api/generate/submit', {
      model,
      callback_url: callbackUrl,
      input: { prompt, ...input },
    });
  }

  /** Submits and returns the task id of the answer. */
  async taskId(wish: SubmitWish = {}): Promise<string> {
    const { json, text } = await this.submit(wish);
    const id = json.data?.task_id;
    if (typeof id !== 'string') throw new Error(`No task id in ${text}`);
    return id;
  }

  status(taskId: string): Promise<CallerAnswer> {
    return this.get(`/api/generate/status/${encodeURIComponent(taskId)}`);
  }

  detail(taskId: string): Promise<CallerAnswer> {
    return this.get(`/api/generate/detail/music?task_id=${encodeURIComponent(taskId)}`);
  }

  get(path: string, headers: Readonly<Record<string, string>> = KEY): Promise<CallerAnswer> {
    return this.call(path, { headers });
  }

  send(
    path: string,
    body: unknown,
    { method = 'POST', headers = KEY }: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<CallerAnswer> {
    return this.call(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  private async call(path: string, init: RequestInit): Promise<CallerAnswer> {
    const response = await fetch(this.simulator.url + path, { redirect: 'manual', ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }
}

const parsed = (text: string): ProviderBody => {
  try {
    return JSON.parse(text) as ProviderBody;
  } catch {
    return {};
  }
};
