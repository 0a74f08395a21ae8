import { createHash } from 'node:crypto';
import { batchDigest, chainLink, eventHash, GENESIS_CHAIN, type HashedContent } from './event-hash.js';

const event: HashedContent = {
  streamId: '01890000-0000-7000-8000-000000000001',
  eventId: '01890000-0000-7000-8000-0000000000a1',
  type: 'TaskSubmitted',
  schemaVersion: 1,
  owner: 'acme',
  actor: 'key:1',
  correlationId: 'request-1',
  causationId: null,
  data: '{"model":"flux-2","text":"Zoë 🎬"}',
  sealed: Buffer.from([0, 1, 255]),
};

/** The description in event-hash.ts once more, as an auditor would write it. */
const asDescribed = (content: HashedContent): string => {
  const hash = createHash('sha256');
  const fields = [
    'genledger event 1',
    content.streamId,
    content.eventId,
    content.type,
    String(content.schemaVersion),
    content.owner,
    content.actor,
    content.correlationId,
    content.causationId,
    content.data,
    content.sealed,
  ];
  for (const field of fields) {
    const length = Buffer.alloc(4);
    if (field === null) hash.update(Buffer.from('ffffffff', 'hex'));
    else {
      const bytes = Buffer.from(field as string);
      length.writeUInt32BE(bytes.length);
      hash.update(length).update(bytes);
    }
  }
  return hash.digest('hex');
};

describe('eventHash', () => {
  it('is what the description says, whatever was hashed before', () => {
    const large = { ...event, data: `"${'ë'.repeat(200_000)}"`, sealed: Buffer.alloc(300_000, 7) };
    for (const content of [event, large, event, { ...event, sealed: null, owner: '' }]) {
      expect(eventHash(content)).toBe(asDescribed(content));
    }
  });

  it('never changes: stored logs must stay verifiable', () => {
    expect(eventHash(event)).toBe('0f11bf4349195f11eec11458e8efa21c163cd8a232404e16e0e721afe1bc1bdb');
  });

  it.each<[string, Partial<HashedContent>]>([
    ['stream', { streamId: '01890000-0000-7000-8000-000000000002' }],
    ['event id', { eventId: '01890000-0000-7000-8000-0000000000a2' }],
    ['type', { type: 'TaskSubmitte' }],
    ['schema version', { schemaVersion: 2 }],
    ['owner', { owner: 'acm' }],
    ['actor', { actor: 'key:2' }],
    ['correlation id', { correlationId: null }],
    ['causation id instead of correlation id', { correlationId: null, causationId: 'request-1' }],
    ['empty causation id', { causationId: '' }],
    ['data', { data: '{"model":"flux-2","text":"Zoe 🎬"}' }],
    ['a border between two fields', { owner: 'acmek', actor: 'ey:1' }],
    ['sealed part', { sealed: Buffer.from([0, 1]) }],
    ['missing sealed part', { sealed: null }],
  ])('differs by %s', (_, change) => {
    expect(eventHash({ ...event, ...change })).not.toBe(eventHash(event));
  });
});

describe('batchDigest and chainLink', () => {
  const placed = { position: 7, streamId: event.streamId, version: 3, hash: 'ab'.repeat(32) };
  const digest = batchDigest([placed]);

  it('never change', () => {
    expect(digest.toString('hex')).toBe('c4e16d9f099c04f02cfbf6ca164bae00ca2d4522f863cf7dfb149fb3ad2f2421');
    expect(chainLink(GENESIS_CHAIN, 7, new Date(1_700_000_000_123), digest).toString('hex')).toBe(
      '4a11005a50e0ff2958e8f3d25d053952e912add0db353f4bd7463fecde380069',
    );
  });

  it.each([
    ['position', { position: 8 }],
    ['stream', { streamId: event.eventId }],
    ['version', { version: 4 }],
    ['hash', { hash: 'ac'.repeat(32) }],
  ])('the digest differs by %s', (_, change) => {
    expect(batchDigest([{ ...placed, ...change }])).not.toEqual(digest);
  });

  it('the chain differs by what came before, by position and by time', () => {
    const at = new Date(1_700_000_000_123);
    const links = [
      chainLink(GENESIS_CHAIN, 7, at, digest),
      chainLink(digest, 7, at, digest),
      chainLink(GENESIS_CHAIN, 8, at, digest),
      chainLink(GENESIS_CHAIN, 7, new Date(at.getTime() + 1), digest),
    ];
    expect(new Set(links.map((link) => link.toString('hex'))).size).toBe(4);
  });
});
