import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject } from '../../../shared/json.js';

const FOLDER = join(import.meta.dirname, '../../../../test/fixtures/provider');

/** The bytes of a sample body of the provider. */
export const sampleBytes = (name: string): Buffer => readFileSync(join(FOLDER, `${name}.json`));

export const sample = (name: string): JsonObject =>
  JSON.parse(sampleBytes(name).toString('utf8')) as JsonObject;
