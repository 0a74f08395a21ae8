import fc from 'fast-check';
import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import { type ApidotReport, readReport } from './report.js';

const report = (data: Record<string, unknown>): ApidotReport => {
  const body = JSON.parse(JSON.stringify({ task_id: 't-1', status: 'finished', ...data })) as JsonObject;
  const reading = readReport(body, null);
  if (reading.kind !== 'report') throw new Error(reading.kind);
  return reading.report;
};

describe('status words', () => {
  it.each([
    ['not_started', 'pending', true],
    ['pending', 'pending', true],
    ['queued', 'pending', true],
    ['running', 'running', true],
    ['processing', 'running', true],
    ['finished', 'finished', true],
    ['success', 'finished', true],
    ['failed', 'failed', true],
    ['cancelled', 'failed', true],
    ['canceled', 'failed', true],
    [' Finished ', 'finished', true],
    ['FAILED', 'failed', true],
    ['done', 'pending', false],
    ['finished!', 'pending', false],
    ['constructor', 'pending', false],
    ['__proto__', 'pending', false],
  ])('%j is %s', (raw, status, knownWord) => {
    expect(report({ status: raw })).toMatchObject({ status, knownWord, rawStatus: raw });
  });

  it('the raw word is kept to 100 characters', () => {
    expect(report({ status: 'x'.repeat(300) }).rawStatus).toHaveLength(100);
  });
});

it.each([
  [undefined, null],
  [null, null],
  [0, 0],
  [45, 45],
  [99.9, 99],
  [100, 100],
  [-3, 0],
  [250, 100],
  ['45', 45],
  ['half', null],
  [true, null],
])('progress %j is %j', (given, expected) => {
  expect(report({ progress: given }).progress).toBe(expected);
});

it.each([
  [undefined, null],
  [null, null],
  [0, 0],
  [4.5, 4.5],
  ['4.5', 4.5],
  ['60', 60],
  ['free', null],
  ['', null],
  ['0x10', null],
  ['1e999', null],
  [-1, null],
  [[4], null],
])('credits %j are %j', (given, expected) => {
  expect(report({ credits_amount: given }).credits).toBe(expected);
});

describe('message', () => {
  it('is bounded to 2,000 characters', () => {
    expect(report({ error_message: 'x'.repeat(5_000) }).message).toHaveLength(2_000);
  });

  it.each([[null], [''], [7], [{ text: 'no' }]])('%j is none', (given) => {
    expect(report({ error_message: given }).message).toBeNull();
  });
});

describe('files', () => {
  const urls = (data: Record<string, unknown>) => report(data).files.map((file) => file.url);
  const file = (file_url: unknown, more = {}) => ({ file_url, file_type: 'image', ...more });

  it('from either place, the fuller one when both are there', () => {
    const a = file('https://a.example/1');
    const b = file('https://b.example/2');
    expect(urls({ files: [a] })).toEqual(['https://a.example/1']);
    expect(urls({ output: { files: [a] } })).toEqual(['https://a.example/1']);
    expect(urls({ files: [], output: { files: [a] } })).toEqual(['https://a.example/1']);
    expect(urls({ files: [a], output: { files: [b] } })).toEqual(['https://a.example/1']);
    expect(urls({ files: [a], output: { files: [a, b] } })).toEqual([
      'https://a.example/1',
      'https://b.example/2',
    ]);
  });

  it.each([
    ['ftp://a.example/1'],
    ['javascript:alert(1)'],
    ['data:image/png;base64,AAAA'],
    ['file:///etc/passwd'],
    ['//a.example/1'],
    ['/relative.png'],
    ['https://'],
    ['https://a.example/with space'],
    ['https://a.example/\u0000'],
    ['https://a.example/\ud800'],
    [`https://a.example/${'x'.repeat(8_200)}`],
    [''],
    [null],
    [7],
    [{ url: 'https://a.example' }],
  ])('without a usable URL are left out: %j', (url) => {
    expect(urls({ files: [file(url), file('https://a.example/ok')] })).toEqual(['https://a.example/ok']);
  });

  it('keep their URL as it came', () => {
    const signed = 'HTTPS://A.example:443/a%2Fb/../c?sig=a+b%3D&x=%zz';
    expect(urls({ files: [file(signed)] })).toEqual([signed]);
  });

  it.each([[null], ['x'], [{}], [[null, 'x', 7, []]]])('%j holds none', (given) => {
    expect(urls({ files: given })).toEqual([]);
  });

  it('are at most 200', () => {
    expect(
      urls({ files: Array.from({ length: 1_000 }, (_, n) => file(`https://a.example/${n}`)) }),
    ).toHaveLength(200);
  });

  it.each([
    [{ audio_url: 'https://a.example/1.mp3', image_url: 'https://a.example/1.jpg' }, [['audio', null]]],
    [
      { audio_url: 'https://a.example/1.mp3', wav_url: 'https://a.example/1.wav' },
      [
        ['audio', null],
        ['audio', 'wav'],
      ],
    ],
    [
      { vocals_url: 'https://a.example/v', instrumental_url: 'https://a.example/i' },
      [
        ['audio', 'vocals'],
        ['audio', 'instrumental'],
      ],
    ],
    [{ video_url: 'https://a.example/v.mp4' }, [['video', null]]],
    [{ midi_url: 'https://a.example/m.mid' }, [['file', 'midi']]],
    [{ image_url: 'https://a.example/cover.jpg' }, [['image', null]]],
    [{ lyrics: 'la la' }, []],
  ])('of a music entry %j', (entry, expected) => {
    expect(report({ files: [entry] }).files.map(({ type, label }) => [type, label])).toEqual(expected);
  });

  it.each([
    [1_834_022, 1_834_022],
    ['12', 12],
    [-1, null],
    [1.5, null],
    ['big', null],
  ])('size %j is %j', (given, expected) => {
    expect(report({ files: [file('https://a.example/1', { file_size: given })] }).files[0]?.size).toBe(
      expected,
    );
  });

  it('of no named type are plain files', () => {
    expect(report({ files: [{ file_url: 'https://a.example/1' }] }).files[0]?.type).toBe('file');
  });
});

describe('words', () => {
  it.each([
    [{ files: [{ lyrics: 'la la' }] }, true],
    [{ files: [{ timestamped_lyrics: [{ start: 0, end: 2, text: 'la' }] }] }, true],
    [{ output: { files: [{ persona_id: 'p-1' }] } }, true],
    [{ output: { enhanced_style: 'Calm folk' } }, true],
    [{ lyrics: 'la la' }, true],
    [{ files: [{ lyrics: ' ', timestamped_lyrics: [], persona_id: null }] }, false],
    [{ files: [{ audio_url: 'https://a.example/1.mp3', prompt: 'la', title: 'Tram' }] }, false],
    [{ files: 'lyrics', output: ['lyrics'] }, false],
  ])('in %j: %j, and the answer is kept', (data, expected) => {
    const { hasWords, answers } = report(data);
    expect(hasWords).toBe(expected);
    expect(answers).toEqual([expect.objectContaining(data)]);
  });

  it('of an answer too large to be kept do not count', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`) as object;
    expect(report({ lyrics: 'la la', deep })).toMatchObject({ hasWords: false, answers: [] });
  });
});

it('never throws on JSON, and what it reports is bounded', () => {
  const body = fc.record(
    {
      task_id: fc.constant('t-1'),
      status: fc.string(),
      files: fc.jsonValue(),
      output: fc.jsonValue(),
      data: fc.jsonValue(),
      progress: fc.jsonValue(),
      credits_amount: fc.jsonValue(),
      error_message: fc.string(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue()), (value) => {
      if (!isJsonObject(value)) return true;
      const reading = readReport(value, null);
      if (reading.kind !== 'report') return true;
      const { progress, credits, files, rawStatus } = reading.report;
      return (
        (progress === null || (progress >= 0 && progress <= 100)) &&
        (credits === null || credits >= 0) &&
        files.every((file) => /^https?:/i.test(file.url)) &&
        rawStatus.length <= 100
      );
    }),
    { numRuns: 500 },
  );
});

it.each<JsonObject>([
  { code: 200, status: 'success', data: { progress: 40 } },
  { code: 200, status: 'failed', message: 'temporarily unavailable', data: null },
])('the word of an envelope is not the word of the task: %j', (body) => {
  expect(readReport(body, 'p-1')).toEqual({ kind: 'malformed' });
});

it.each<JsonObject>([
  { code: 200, task_id: 'p-1', status: 'running', data: {} },
  { code: 200, status: 'running' },
  { status: 'running' },
])('a flat body is about the task that it names, or that was asked for: %j', (body) => {
  expect(readReport(body, 'p-1')).toMatchObject({ kind: 'report', report: { status: 'running' } });
});
