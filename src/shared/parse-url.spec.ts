import { parseUrl } from './parse-url.js';

it.each(['https://example.com/a', 'http://127.0.0.1:3000', 'https://münchen.example/ü'])(
  'reads %s',
  (text) => {
    expect(parseUrl(text)?.protocol).toMatch(/^https?:$/);
  },
);

it.each(['', 'no url', 'http://', '//example.com'])('answers null for %p', (text) => {
  expect(parseUrl(text)).toBeNull();
});

it('still reads letters outside ASCII after thousands of calls', () => {
  const answers = Array.from({ length: 20_000 }, () => parseUrl('https://example.com/ü') !== null);
  expect(answers.every(Boolean)).toBe(true);
});
