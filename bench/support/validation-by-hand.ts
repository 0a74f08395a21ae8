/*
 * The input of one model checked by plain statements, with the same answers as its DTO class gives: what somebody would
 * write who never has a second model. bench/validation.ts measures it, a spec holds it against the class.
 */

export const BY_HAND_MODEL = 'gpt-image-2';

export interface HandVerdict {
  readonly valid: boolean;
  readonly violations: readonly {
    readonly pointer: string;
    readonly code: string;
    readonly message: string;
  }[];
}

const FIELDS = new Set(['prompt', 'quality', 'size', 'resolution']);
const QUALITIES = new Set<unknown>(['low', 'medium', 'high']);
const RESOLUTIONS = new Set<unknown>(['1K', '2K', '4K']);
const SIZES = new Set<unknown>('auto 1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9'.split(' '));
const CUSTOM_SIZE = /^\d+x\d+$/;
const LONGEST_PROMPT = 20_000;

export const byHand = (value: unknown): HandVerdict => {
  const violations: { pointer: string; code: string; message: string }[] = [];
  const add = (field: string, code: string, message: string): void =>
    void violations.push({ pointer: `/input/${field}`, code, message });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      valid: false,
      violations: [{ pointer: '/input', code: 'type', message: 'input must be a JSON object.' }],
    };
  }
  const { prompt, quality, size, resolution } = value as Record<string, unknown>;

  if (prompt === undefined || prompt === null || prompt === '') {
    add('prompt', 'required', 'prompt is required and must be text of 1 to 20000 characters.');
  } else if (typeof prompt !== 'string') {
    add('prompt', 'type', 'prompt must be text of 1 to 20000 characters.');
  } else if (prompt.length > LONGEST_PROMPT && [...prompt].length > LONGEST_PROMPT) {
    add('prompt', 'maxLength', 'prompt must be text of 1 to 20000 characters.');
  }
  if (quality !== undefined && !QUALITIES.has(quality)) {
    add(
      'quality',
      typeof quality === 'string' ? 'enum' : 'type',
      'quality must be one of low, medium or high.',
    );
  }
  if (size !== undefined && !SIZES.has(size)) {
    if (typeof size !== 'string') add('size', 'type', 'size must be a named size or WIDTHxHEIGHT in pixels.');
    else if (!CUSTOM_SIZE.test(size))
      add('size', 'enum', 'size must be a named size or WIDTHxHEIGHT in pixels.');
  }
  if (resolution !== undefined && !RESOLUTIONS.has(resolution)) {
    add(
      'resolution',
      typeof resolution === 'string' ? 'enum' : 'type',
      'resolution must be one of 1K, 2K or 4K.',
    );
  }
  const isNearlyCustom = typeof size === 'string' && CUSTOM_SIZE.test(size);
  const read = resolution === undefined || resolution === null || resolution === '' ? '1K' : resolution;
  if (isNearlyCustom && typeof read === 'string' && read !== '2K' && read !== '4K') {
    add('resolution', 'enum', 'A custom pixel size needs an explicit 2K or 4K resolution.');
  }
  for (const name of Object.keys(value)) {
    if (FIELDS.has(name)) continue;
    if (name === 'n' || name === 'image_urls') add(name, 'forbids', `${name} is not part of this model.`);
    else add(name, 'unknown_field', `${name} is not a field here.`);
  }
  return { valid: violations.length === 0, violations };
};
