import { InvalidRequestError } from '../../tasks/index.js';
import { QueryReader, type RawQuery } from './query-reader.js';

const read = <T>(raw: RawQuery, ask: (query: QueryReader) => T): T | { pointer: string; code: string }[] => {
  const query = new QueryReader(raw);
  const value = ask(query);
  try {
    query.finish();
    return value;
  } catch (error) {
    return (error as InvalidRequestError).violations.map(({ pointer, code }) => ({ pointer, code }));
  }
};

const integer = (limit: string | string[]) => read({ limit }, (query) => query.integer('limit', 1, 200));
const instant = (at: string) => read({ at }, (query) => query.instant('at'));

describe('Parameters of a query', () => {
  it.each([
    ['1', 1],
    ['200', 200],
    ['007', 7],
  ])('whole number %s', (text, value) => expect(integer(text)).toBe(value));

  it.each([
    ['0', 'min'],
    ['201', 'max'],
    ['', 'type'],
    ['-1', 'type'],
    ['1.5', 'type'],
    ['1e2', 'type'],
    ['abc', 'type'],
    ['99999999999999999999', 'type'],
  ])('no whole number within 1 to 200: %j', (text, code) =>
    expect(integer(text)).toEqual([{ pointer: '/query/limit', code }]),
  );

  it('a single parameter does not repeat', () => {
    expect(integer(['1', '2'])).toEqual([{ pointer: '/query/limit', code: 'type' }]);
  });

  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.123456Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00 02:00', '2026-01-31T10:00:00.000Z'],
  ])('time %s', (text, value) => expect((instant(text) as Date).toISOString()).toBe(value));

  it.each(['2026-01-31', 'yesterday', '1700000000', '2026-13-01T00:00:00Z', '2026-01-31T12:00:00'])(
    'no time: %s',
    (text) => expect(instant(text)).toEqual([{ pointer: '/query/at', code: 'format' }]),
  );

  it('words may repeat, each of the list', () => {
    const ask = (query: QueryReader) => query.words('status', ['queued', 'held']);
    expect(read({ status: ['queued', 'held'] }, ask)).toEqual(['queued', 'held']);
    expect(read({ status: 'held' }, ask)).toEqual(['held']);
    expect(read({}, ask)).toBeUndefined();
    expect(read({ status: ['held', 'gone'] }, ask)).toEqual([{ pointer: '/query/status', code: 'enum' }]);
  });

  it('text has no control characters, which the database would refuse', () => {
    const ask = (query: QueryReader) => query.text('model', 10);
    expect(read({ model: 'a\u0000b' }, ask)).toEqual([{ pointer: '/query/model', code: 'pattern' }]);
    expect(read({ model: '' }, ask)).toEqual([{ pointer: '/query/model', code: 'maxLength' }]);
    expect(read({ model: 'x'.repeat(11) }, ask)).toEqual([{ pointer: '/query/model', code: 'maxLength' }]);
  });

  it('pairs share a prefix', () => {
    const raw = { 'metadata.order': 'A-17', 'metadata.a.b': ['1', '2'] };
    expect(read(raw, (query) => query.pairs('metadata.'))).toEqual([
      ['order', 'A-17'],
      ['a.b', '1'],
      ['a.b', '2'],
    ]);
  });

  it('everything wrong is reported at once, unknown names too', () => {
    const found = read({ limit: '0', at: 'x', 'a/b': '1', metadata: '1' }, (query) => {
      query.integer('limit', 1, 200);
      query.instant('at');
      query.pairs('metadata.');
    });
    expect(found).toEqual([
      { pointer: '/query/limit', code: 'min' },
      { pointer: '/query/at', code: 'format' },
      { pointer: '/query/a~1b', code: 'unknown_field' },
      { pointer: '/query/metadata', code: 'unknown_field' },
    ]);
  });
});
