import { isJsonObject } from '../../../src/shared/json.js';
import {
  type InputVerdict,
  type Kind,
  type ModelDefinition,
  type Violation,
} from '../../../src/tasks/index.js';

/** A model with one text field, small enough to see at a glance what it refuses. */
const model = (name: string): ModelDefinition => ({
  model: name,
  family: 'test',
  availability: 'apidot-documented',
  modes: [
    {
      mode: 'text-to-image',
      inputSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: { prompt: { type: 'string' } },
        required: ['prompt'],
        additionalProperties: false,
      },
      exampleInput: { prompt: 'a lighthouse' },
      result: { fileType: 'image', count: 1 },
    },
  ],
  check: (input): InputVerdict => {
    const violations: Violation[] = [];
    if (!isJsonObject(input) || typeof input.prompt !== 'string')
      violations.push({ pointer: '/input/prompt', code: 'required', message: 'prompt is required.' });
    if (isJsonObject(input) && Object.keys(input).some((key) => key !== 'prompt'))
      violations.push({ pointer: '/input', code: 'unknown_field', message: 'Only prompt is known.' });
    return violations.length > 0
      ? { valid: false, violations }
      : { valid: true, mode: 'text-to-image', expectedFiles: 1, references: [] };
  },
});

const timing = { firstPollMs: 5_000, pollCapMs: 15_000, usualMs: 60_000, overdueMs: 600_000 };

export const IMAGE: Kind = {
  domain: 'image',
  timing,
  hasDetail: false,
  models: [model('sketch'), model('lab/echo')],
};
export const VIDEO: Kind = { domain: 'video', timing, hasDetail: false, models: [model('clip')] };
