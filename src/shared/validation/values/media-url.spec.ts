import { STRICT } from '../value-type.js';
import { LONGEST_MEDIA_URL, mediaUrl } from './media-url.js';

const type = mediaUrl();
const flaw = (url: unknown, options = STRICT) => type.flaw(url, options);

describe('mediaUrl', () => {
  it.each([
    'https://example.com/a.png',
    'http://example.com',
    'HTTPS://EXAMPLE.COM/a.png?x=1&y=%20#part',
    'https://cdn.example.com:8443/a',
    'https://bücher.example/ü.png',
    'https://8.8.8.8/a.png',
    'https://[2606:4700::1111]/a.png',
    'https://example.com./a.png',
    'https://localhost.example.com/a.png',
  ])('accepts %s', (url) => {
    expect(flaw(url)).toBeNull();
  });

  it.each([
    ['type', null],
    ['type', 5],
    ['type', ['https://example.com']],
    ['url', ''],
    ['url', 'example.com/a.png'],
    ['url', '//example.com/a.png'],
    ['url', 'https:example.com'],
    ['url', 'https:///a.png'],
    ['url', 'data:image/png;base64,AAAA'],
    ['url', 'file:///etc/passwd'],
    ['url', 'ftp://example.com/a.png'],
    ['url', 'javascript:alert(1)'],
    ['url', 'https://user@example.com/'],
    ['url', 'https://user:secret@example.com/'],
    ['url', 'https://example.com\\@127.0.0.1/'],
    ['url', ' https://example.com/'],
    ['url', 'https://exam\nple.com/'],
    ['url', 'https://example.com/a b.png'],
    ['url', 'https://exa mple.com/'],
    ['url', 'https://example.com:99999/'],
    ['url', 'https://1.2.3.256/'],
  ])('refuses as %s: %p', (code, url) => {
    expect(flaw(url)).toBe(code);
  });

  it.each([
    'http://localhost/',
    'http://LOCALHOST:3000/',
    'http://localhost./',
    'http://a.b.localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://intranet/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://017700000001/',
    'http://2130706433/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://192.0.2.1/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[ff02::1]/',
    'http://[2002:7f00:1::]/',
    'http://[64:ff9b::7f00:1]/',
    'http://１２７.０.０.１/',
  ])('refuses the host of %s, unless private ones are allowed', (url) => {
    expect(flaw(url)).toBe('private_host');
    expect(flaw(url, { allowPrivateMediaUrls: true })).toBeNull();
  });

  it('never allows other schemes or credentials', () => {
    for (const url of ['data:,x', 'http://a:b@localhost/'])
      expect(flaw(url, { allowPrivateMediaUrls: true })).toBe('url');
  });

  it('gives the same answer when the engine has optimised it', () => {
    for (let i = 0; i < 20_000; i++) flaw('https://example.com/a.png');
    for (let i = 0; i < 20_000; i++) expect(flaw('https://bücher.example/ü.png')).toBeNull();
  });

  it('bounds the length', () => {
    const start = 'https://example.com/';
    expect(flaw(start + 'a'.repeat(LONGEST_MEDIA_URL - start.length))).toBeNull();
    expect(flaw(start + 'a'.repeat(LONGEST_MEDIA_URL - start.length + 1))).toBe('maxLength');
  });
});
