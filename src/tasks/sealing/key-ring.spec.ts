import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, KeyRing } from './key-ring.js';
import { UnknownEncryptionKeyError } from './sealing.errors.js';

const master = (): string => randomBytes(32).toString('base64');

describe('Encryption', () => {
  const key = randomBytes(32);

  it('gives back what went in, and never the same bytes twice', () => {
    const plain = Buffer.from('a red bicycle');
    const [one, two] = [encrypt(key, plain, 'here'), encrypt(key, plain, 'here')];
    expect(one.equals(two)).toBe(false);
    expect(decrypt(key, one, 'here')).toEqual(plain);
  });

  it('opens neither elsewhere, nor with another key, nor with any byte changed', () => {
    const sealed = encrypt(key, Buffer.from('secret'), 'here');
    expect(() => decrypt(key, sealed, 'there')).toThrow();
    expect(() => decrypt(randomBytes(32), sealed, 'here')).toThrow();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => decrypt(key, changed, 'here')).toThrow();
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => decrypt(key, sealed.subarray(0, length), 'here')).toThrow();
  });
});

describe('A ring of master keys', () => {
  const [old, next] = [master(), master()] as const;
  const dataKey = randomBytes(32);

  it('unwraps with every key it holds and wraps with the newest', () => {
    const wrapped = new KeyRing([old]).wrap(dataKey, 'task-1');
    const rotated = new KeyRing([next, old]);
    expect(rotated.unwrap(wrapped, 'task-1')).toEqual(dataKey);
    expect(rotated.wrap(dataKey, 'task-1').keyId).toBe(rotated.newest);
    expect(rotated.newest).not.toBe(wrapped.keyId);
    expect([new KeyRing([old]).isRotating, rotated.isRotating]).toEqual([false, true]);
  });

  it('says which key is missing, and no key', () => {
    const wrapped = new KeyRing([old]).wrap(dataKey, 'task-1');
    const unwrap = (): Buffer => new KeyRing([next]).unwrap(wrapped, 'task-1');
    expect(unwrap).toThrow(UnknownEncryptionKeyError);
    expect(unwrap).toThrow(wrapped.keyId);
    expect(unwrap).not.toThrow(next);
  });

  it('does not unwrap a key that was copied to another task', () => {
    const ring = new KeyRing([old]);
    expect(() => ring.unwrap(ring.wrap(dataKey, 'task-1'), 'task-2')).toThrow();
  });

  it.each([[[]], [[randomBytes(31).toString('base64')]], [[old, 'short']]])(
    'refuses keys that are none, without repeating them (%#)',
    (keys) => {
      expect(() => new KeyRing(keys)).toThrow('32 bytes');
      for (const key of keys) expect(() => new KeyRing(keys)).not.toThrow(key);
    },
  );
});
