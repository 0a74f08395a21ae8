import { type ApiKey } from './api-key.js';
import { KEY_CACHE_MS, KeyCache } from './key-cache.js';

const KEY = { id: '1', owner: 'acme' } as ApiKey;
const DIGEST = Buffer.from('digest');

const setup = (answer: () => Promise<ApiKey | null>) => {
  const state = { now: 0, lookups: 0 };
  const cache = new KeyCache(
    () => {
      state.lookups++;
      return answer();
    },
    { now: () => new Date(0), monotonic: () => state.now },
  );
  return { cache, state };
};

describe('The cache of keys', () => {
  it('asks once for requests that come together and for a few seconds after', async () => {
    const { cache, state } = setup(() => Promise.resolve(KEY));
    await Promise.all([cache.get(DIGEST), cache.get(DIGEST)]);
    state.now = KEY_CACHE_MS - 1;
    await cache.get(DIGEST);
    expect(state.lookups).toBe(1);
  });

  it('asks again when the answer is old, so that a revocation is seen', async () => {
    let known: ApiKey | null = KEY;
    const { cache, state } = setup(() => Promise.resolve(known));
    await cache.get(DIGEST);
    known = null;
    state.now = KEY_CACHE_MS;
    expect(await cache.get(DIGEST)).toBeNull();
  });

  it('keeps "nobody" as well, so that a client with a dead key costs little', async () => {
    const { cache, state } = setup(() => Promise.resolve(null));
    await cache.get(DIGEST);
    await cache.get(DIGEST);
    expect(state.lookups).toBe(1);
  });

  it('does not keep a failed lookup', async () => {
    let fails = true;
    const { cache } = setup(() => (fails ? Promise.reject(new Error('down')) : Promise.resolve(KEY)));
    await expect(cache.get(DIGEST)).rejects.toThrow('down');
    fails = false;
    expect(await cache.get(DIGEST)).toBe(KEY);
  });
});
