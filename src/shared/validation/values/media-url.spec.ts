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
    'https://127.0.0.1.example.com/a.png',
    'https://local.example/a.png',
    'https://a_b.example.com/a.png',
    'https://example.com/@127.0.0.1',
    'https://example.com/?next=http://localhost/',
    'https://example.com?@127.0.0.1/',
    'https://example.com#@127.0.0.1/',
    'https://1.1.1.1:8080/a.png',
    'http://134744072/a.png',
    'https://[::ffff:8.8.8.8]/a.png',
    'https://xn--bcher-kva.example/a.png',
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
    ['url', 'http://4294967296/'],
    ['url', 'http:/127.0.0.1/'],
    ['url', 'http:\\\\127.0.0.1\\'],
    ['url', 'http:////127.0.0.1/'],
    ['url', 'http://user@localhost/'],
    ['url', 'http://example.com:80@127.0.0.1/'],
    ['url', 'http://localhost../'],
    ['url', 'http://127.0.0.1../'],
    ['url', 'http://.example.com/'],
    ['url', 'http://example..com/'],
    ['url', 'http://localhost%00/'],
    ['url', 'http://[fe80::1%25eth0]/'],
    ['url', 'http://[::1/'],
    ['url', 'http://xn--/'],
    ['url', 'https://example.com/\u0001'],
    ['url', 'https://example.com/\t'],
    ['url', 'blob:https://example.com/a'],
    ['url', 'javascript://example.com/%0aalert(1)'],
    ['url', 'HTTPSX://example.com/'],
    ['url', 'https://'],
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
    'http://①②⑦.0.0.1/',
    'http://127。0。0。1/',
    'http://127.0.0.1./',
    'http://127.0.1/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://0x7f.1/',
    'http://0/',
    'http://0x0/',
    'http://%31%32%37.0.0.1/',
    'http://127%2e0%2e0%2e1/',
    'http://0251.0376.0251.0376/',
    'http://0xA9FEA9FE/',
    'http://2852039166/',
    'http://192.0.0.8/',
    'http://192.88.99.1/',
    'http://198.18.0.1/',
    'http://203.0.113.9/',
    'http://240.0.0.1/',
    'http://4294967295/',
    'http://[0:0:0:0:0:ffff:7f00:1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::127.0.0.1]/',
    'http://[::7f00:1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b:1::1]/',
    'http://[2001:0:7f00:1::]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[5f00::1]/',
    'http://[100::1]/',
    'http://[fec0::1]/',
    'http://[4000::1]/',
    'http://[::1]:80/',
    'http://ｌｏｃａｌｈｏｓｔ/',
    'http://loc\u00adalhost/',
    'http://loc%61lhost/',
    'http://localhost.localdomain/',
    'http://metadata/',
    'http://host.docker.internal/',
    'http://kubernetes.default.svc/',
    'http://nas.lan./',
    'http://router.home/',
    'http://printer.home.arpa/',
    'http://hidden.onion/',
    'http://a.test/',
    'http://a.invalid/',
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
