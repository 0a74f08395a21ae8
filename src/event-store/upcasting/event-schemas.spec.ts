import { type JsonObject } from '../../shared/json.js';
import { type StoredEvent } from '../event-store.js';
import { EventSchemas } from './event-schemas.js';
import { EventSchemasIncompleteError, UnknownEventSchemaError } from './upcasting.errors.js';

const stored = (type: string, schemaVersion: number, data: JsonObject): StoredEvent => ({
  position: 7,
  streamId: '01890000-0000-7000-8000-000000000001',
  version: 1,
  id: '01890000-0000-7000-8000-0000000000a1',
  type,
  schemaVersion,
  owner: 'acme',
  actor: 'worker',
  correlationId: null,
  causationId: null,
  recordedAt: new Date(0),
  data,
  sealed: null,
  hash: '',
});

const rename = ({ colour, ...rest }: JsonObject): JsonObject => ({ ...rest, color: colour ?? null });
const addSize = (data: JsonObject): JsonObject => ({ ...data, size: 'large' });

const schemas = new EventSchemas({ Painted: 3, Sold: 1 }, { Painted: { 1: rename, 2: addSize } });

describe('data that is read', () => {
  it('of the current version is the very same object', () => {
    const data = { color: 'red', size: 'small' };
    expect(schemas.upToDate(stored('Painted', 3, data))).toBe(data);
  });

  it('of older versions goes through every step, in order, and is not changed itself', () => {
    const first = Object.freeze({ colour: 'red' });
    expect(schemas.upToDate(stored('Painted', 1, first))).toEqual({ color: 'red', size: 'large' });
    expect(schemas.upToDate(stored('Painted', 2, { color: 'blue' }))).toEqual({
      color: 'blue',
      size: 'large',
    });
    expect(first).toEqual({ colour: 'red' });
  });

  it.each([
    ['Painted', 4, 'Painted of version 4; this program knows versions up to 3'],
    ['Burnt', 1, 'Burnt of version 1; this program does not know this type'],
  ])('of a newer program is refused: %s %d', (type, version, sentence) => {
    const read = (): unknown => schemas.upToDate(stored(type, version, {}));
    expect(read).toThrow(UnknownEventSchemaError);
    expect(read).toThrow(sentence);
  });
});

describe('at start', () => {
  it('complete schemas pass', () => {
    expect(() => schemas.assertComplete()).not.toThrow();
  });

  it.each([
    [
      'one step',
      { Painted: 3 },
      { Painted: { 1: rename } },
      'Nothing turns version 2 of Painted into version 3.',
    ],
    ['all steps', { Sold: 2 }, {}, 'Nothing turns version 1 of Sold into version 2.'],
    [
      'the new version',
      { Sold: 1 },
      { Sold: { 1: addSize } },
      'an upcaster for version 1 of Sold, which is written with version 1',
    ],
    [
      'the type',
      { Sold: 1 },
      { Slod: { 1: addSize } },
      'an upcaster for Slod, which is not an event type here',
    ],
  ])('schemas where somebody forgot %s are refused by name', (_, current, upcasters, sentence) => {
    const incomplete = new EventSchemas(current, upcasters);
    expect(() => incomplete.assertComplete()).toThrow(EventSchemasIncompleteError);
    expect(() => incomplete.assertComplete()).toThrow(sentence);
  });

  it('all problems are named at once', () => {
    expect(() => new EventSchemas({ A: 2, B: 3 }).assertComplete()).toThrow(
      /version 1 of A .* version 1 of B .* version 2 of B/,
    );
  });
});
