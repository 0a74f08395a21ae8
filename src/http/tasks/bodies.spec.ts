import { IsArray } from 'class-validator';
import { readBody } from '../request/read-body.js';
import { EmptyBody, ResubmitBody } from './operation-bodies.js';
import { SubmitBody } from './submit-body.js';

const GOOD = { model: 'm', input: {} };
const found = <T extends object>(Body: new () => T, json: unknown): string[] =>
  readBody(Body, json).violations.map(({ pointer, code }) => `${pointer} ${code}`);

const SUBMIT: [name: string, json: unknown, ...wanted: string[]][] = [
  ['the least', GOOD],
  ['everything', { ...GOOD, metadata: { a: { b: [1] } }, notify_url: 'https://a.test/x?y=1' }],
  ['null for what may be missing', { ...GOOD, metadata: null, notify_url: null }],
  [
    'metadata at its bounds',
    {
      ...GOOD,
      metadata: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}`.padEnd(100, 'k'), 1])),
    },
  ],
  ['no object: list', [], ' type'],
  ['no object: null', null, ' type'],
  ['no object: text', 'x', ' type'],
  ['nothing', {}, '/model required', '/input required'],
  ['null for what is required', { model: null, input: null }, '/model required', '/input required'],
  ['wrong types', { model: 1, input: [] }, '/model type', '/input type'],
  ['empty model', { ...GOOD, model: '' }, '/model minLength'],
  ['long model', { ...GOOD, model: 'x'.repeat(201) }, '/model maxLength'],
  [
    'everything wrong at once',
    { input: 'x', metadata: [], notify_url: 'x', extra: 1 },
    '/model required',
    '/input type',
    '/metadata metadata',
    '/notify_url url',
    '/extra unknown_field',
  ],
  [
    'too many keys',
    { ...GOOD, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [n, 1])) },
    '/metadata metadata',
  ],
  ['a long key', { ...GOOD, metadata: { ['k'.repeat(101)]: 1 } }, '/metadata metadata'],
  ['an empty key', { ...GOOD, metadata: { '': 1 } }, '/metadata metadata'],
  ['large metadata', { ...GOOD, metadata: { a: 'x'.repeat(16_384) } }, '/metadata metadata'],
  ['the largest exact number', { ...GOOD, metadata: { order: Number.MAX_SAFE_INTEGER, share: 1e-7 } }],
  [
    'a number that was rounded when it was read',
    { ...GOOD, metadata: { orders: [{ id: JSON.parse('12345678901234567890') as number }] } },
    '/metadata exactNumbers',
  ],
  ['other scheme', { ...GOOD, notify_url: 'ftp://a.test' }, '/notify_url url'],
  ['script', { ...GOOD, notify_url: 'javascript:alert(1)' }, '/notify_url url'],
  ['no slashes', { ...GOOD, notify_url: 'https:a.test' }, '/notify_url url'],
  ['credentials', { ...GOOD, notify_url: 'https://u:p@a.test' }, '/notify_url url'],
  ['long URL', { ...GOOD, notify_url: `https://a.test/${'x'.repeat(2_048)}` }, '/notify_url url'],
  [
    'names of every object',
    { ...GOOD, constructor: 1, toString: 1, hasOwnProperty: 1 },
    '/constructor unknown_field',
    '/toString unknown_field',
    '/hasOwnProperty unknown_field',
  ],
  ['names that need escaping', { ...GOOD, 'a/b~c': 1 }, '/a~1b~0c unknown_field'],
];

const RESUBMIT: [name: string, json: unknown, ...wanted: string[]][] = [
  ['both', { accept_duplicate_risk: true, reason: 'r' }],
  ['nothing', {}, '/accept_duplicate_risk required', '/reason required'],
  ['risk refused', { accept_duplicate_risk: false, reason: 'r' }, '/accept_duplicate_risk enum'],
  ['risk as text', { accept_duplicate_risk: 'true', reason: 'r' }, '/accept_duplicate_risk enum'],
  ['blank reason', { accept_duplicate_risk: true, reason: ' ' }, '/reason matches'],
  ['long reason', { accept_duplicate_risk: true, reason: 'r'.repeat(1_001) }, '/reason maxLength'],
];

describe('The body of a submit', () => {
  it.each(SUBMIT)('%s', (_name, json, ...wanted) =>
    expect(found(SubmitBody, json).sort()).toEqual(wanted.sort()),
  );

  it('names the field that was meant', () => {
    expect(readBody(SubmitBody, { ...GOOD, notifyUrl: 'x' }).violations[0]!.message).toContain('notify_url');
  });
});

describe('The body of a resubmit', () => {
  it.each(RESUBMIT)('%s', (_name, json, ...wanted) =>
    expect(found(ResubmitBody, json).sort()).toEqual(wanted.sort()),
  );
});

describe('The body of a post that needs none', () => {
  it('may be an empty object and nothing else', () => {
    expect(found(EmptyBody, {})).toEqual([]);
    expect(found(EmptyBody, { a: 1 })).toEqual(['/a unknown_field']);
    expect(found(EmptyBody, [])).toEqual([' type']);
  });
});

describe('Checks of each item of a list', () => {
  class Rows {
    @IsArray({ each: true })
    rows: unknown[][];
  }

  it('are not taken for checks of the list', () => {
    expect(found(Rows, { rows: [[1], []] })).toEqual([]);
    expect(found(Rows, { rows: [1] })).toEqual(['/rows isArray']);
  });
});
