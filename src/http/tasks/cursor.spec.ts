import { cursorFor, readCursor } from './cursor.js';

const forged = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('A cursor', () => {
  it('leads back to its position', () => expect(readCursor(cursorFor('acme', 17), 'acme')).toBe(17));

  it.each([
    ['of another owner', cursorFor('other', 17)],
    ['of text', 'hello'],
    ['of nothing', ''],
    ['of a negative position', forged([1, 'acme', -1])],
    ['of a huge position', forged([1, 'acme', 1e300])],
    ['of a text position', forged([1, 'acme', '17'])],
    ['of another version', forged([2, 'acme', 17])],
    ['of an object', forged({})],
  ])('is refused: %s', (_what, cursor) => expect(readCursor(cursor, 'acme')).toBeNull());
});
