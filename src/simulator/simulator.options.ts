import { parseFaults, type FaultSetting } from './faults/parse-faults.js';

export interface CallbackOptions {
  /** `wrapped` is `{code, data:{…}}`, `flat` the inner object alone. Default `wrapped`. */
  readonly shape?: 'wrapped' | 'flat';
  /** With a secret, callbacks carry `X-Webhook-Timestamp` and `X-Webhook-Signature`. Default null: they do not. */
  readonly secret?: string | null;
  /** Pauses before the second, third … try after an answer other than 2xx, in provider time. Default 1, 2 and 4 s. */
  readonly retryDelaysMs?: readonly number[];
  /** How long a receiver may take, in real milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

/** Every part may be left out. */
export interface SimulatorOptions {
  /** Default 127.0.0.1. The `/_simulator` routes are open to whoever reaches this address. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Where callers reach it, for result URLs. Default: the address it listens on. */
  readonly publicUrl?: string | null;
  /** The bearer keys that are accepted; null (default): any that is not empty. */
  readonly apiKey?: string | readonly string[] | null;
  /** Provider time passes so many times faster than real time. Default 1: images take 35 to 110 s, videos minutes. */
  readonly speed?: number;
  /** Durations and probabilities repeat for the same seed and the same order of requests. Default: another one each time. */
  readonly seed?: number;
  /** What is switched on from the start, as text (`submit=drop@0.1`) or read by `parseFaults`. Default none. */
  readonly faults?: readonly (string | FaultSetting)[];
  readonly callbacks?: CallbackOptions;
  /** Result files are gone this long after the end of their task, in real milliseconds. Default 24 h. */
  readonly resultTtlMs?: number;
  /** Real milliseconds before a submit is answered. Default 0. */
  readonly submitLatencyMs?: number;
  /** Real milliseconds before a status or detail read is answered. Default 0. */
  readonly statusLatencyMs?: number;
  /** Refuse models whose name fits no known family with 400. Default false: they are images. */
  readonly strictModels?: boolean;
  /** Credits of the account at the start. When they do not cover a task, its submit is answered with 402. Default 1 000 000. */
  readonly credits?: number;
  /** Answer for the tasks of a former process, which their ids describe, as finished ones. Default false: 404. */
  readonly recallTasks?: boolean;
  /** Records kept of each kind. Default 10 000. */
  readonly ledgerLimit?: number;
  /** Ended tasks kept. Default 20 000. */
  readonly taskLimit?: number;
}

/** The options with every default filled in. */
export interface SimulatorSettings {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | null;
  readonly apiKeys: ReadonlySet<string> | null;
  readonly speed: number;
  readonly seed: number;
  readonly faults: readonly FaultSetting[];
  readonly callbacks: Required<CallbackOptions>;
  readonly resultTtlMs: number;
  readonly submitLatencyMs: number;
  readonly statusLatencyMs: number;
  readonly strictModels: boolean;
  readonly credits: number;
  readonly recallTasks: boolean;
  readonly ledgerLimit: number;
  readonly taskLimit: number;
}

/**
 * @throws TypeError naming every bad option and the value it got
 * @throws FaultSyntaxError for badly written faults
 */
export const settingsFrom = (options: SimulatorOptions): SimulatorSettings => {
  const { apiKey = null, callbacks = {} } = options;
  const settings: SimulatorSettings = {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    publicUrl: options.publicUrl?.replace(/\/+$/, '') ?? null,
    apiKeys: apiKey === null ? null : new Set(typeof apiKey === 'string' ? [apiKey] : apiKey),
    speed: options.speed ?? 1,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 32),
    faults: faultSettings(options.faults ?? []),
    callbacks: {
      shape: callbacks.shape ?? 'wrapped',
      secret: callbacks.secret ?? null,
      retryDelaysMs: callbacks.retryDelaysMs ?? [1_000, 2_000, 4_000],
      timeoutMs: callbacks.timeoutMs ?? 10_000,
    },
    resultTtlMs: options.resultTtlMs ?? 86_400_000,
    submitLatencyMs: options.submitLatencyMs ?? 0,
    statusLatencyMs: options.statusLatencyMs ?? 0,
    strictModels: options.strictModels ?? false,
    credits: options.credits ?? 1_000_000,
    recallTasks: options.recallTasks ?? false,
    ledgerLimit: options.ledgerLimit ?? 10_000,
    taskLimit: options.taskLimit ?? 20_000,
  };

  const wanted: readonly (readonly [path: string, value: number, isGood: boolean, want: string])[] = [
    ['port', settings.port, isWhole(settings.port) && settings.port <= 65_535, '0 to 65535'],
    ['speed', settings.speed, Number.isFinite(settings.speed) && settings.speed > 0, 'a number above 0'],
    ['seed', settings.seed, Number.isInteger(settings.seed), 'a whole number'],
    ['resultTtlMs', settings.resultTtlMs, settings.resultTtlMs >= 0, '0 or more milliseconds'],
    [
      'submitLatencyMs',
      settings.submitLatencyMs,
      isWhole(settings.submitLatencyMs),
      '0 or more milliseconds',
    ],
    [
      'statusLatencyMs',
      settings.statusLatencyMs,
      isWhole(settings.statusLatencyMs),
      '0 or more milliseconds',
    ],
    ['credits', settings.credits, !Number.isNaN(settings.credits), 'a number'],
    ['ledgerLimit', settings.ledgerLimit, isWhole(settings.ledgerLimit), '0 or more'],
    ['taskLimit', settings.taskLimit, isWhole(settings.taskLimit), '0 or more'],
    [
      'callbacks.timeoutMs',
      settings.callbacks.timeoutMs,
      settings.callbacks.timeoutMs > 0,
      'more than 0 milliseconds',
    ],
    ...settings.callbacks.retryDelaysMs.map(
      (delay, index) =>
        [`callbacks.retryDelaysMs[${index}]`, delay, delay >= 0, '0 or more milliseconds'] as const,
    ),
  ];
  const problems = wanted.filter(([, , isGood]) => !isGood);
  if (problems.length > 0) {
    throw new TypeError(
      problems.map(([path, value, , want]) => `${path} is ${value} and must be ${want}.`).join('\n'),
    );
  }
  return settings;
};

const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 0;

/** @throws FaultSyntaxError with all problems at once */
export const faultSettings = (faults: readonly (string | FaultSetting)[]): FaultSetting[] => {
  const texts = faults.filter((fault) => typeof fault === 'string');
  const parsed = parseFaults(texts);
  return faults.map((fault) => (typeof fault === 'string' ? parsed.shift()! : fault));
};
