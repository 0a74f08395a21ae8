import fc from 'fast-check';
import { idOfIdempotencyKey } from './task-id.js';

/*
 * Property 9, as far as it is pure: an owner's key names one task, for ever, and no other pair names the same one.
 */

const pair = fc.tuple(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }));

it('the same owner and key are the same task', () => {
  // As stored: tasks of earlier versions must be found again.
  expect(idOfIdempotencyKey('acme', 'order-1')).toBe('3e2116d4-e785-8b93-bd93-f55e1e96e7c6');
});

it('another owner or another key is another task, however the two are cut', () => {
  fc.assert(
    fc.property(pair, pair, ([owner, key], [otherOwner, otherKey]) => {
      fc.pre(owner !== otherOwner || key !== otherKey);
      expect(idOfIdempotencyKey(owner, key)).not.toBe(idOfIdempotencyKey(otherOwner, otherKey));
    }),
  );
  fc.assert(
    fc.property(fc.string({ minLength: 2 }), fc.nat(), fc.nat(), (text, one, two) => {
      const cut = (at: number): [string, string] => [
        text.slice(0, 1 + (at % (text.length - 1))),
        text.slice(1 + (at % (text.length - 1))),
      ];
      fc.pre(cut(one)[0] !== cut(two)[0]);
      expect(idOfIdempotencyKey(...cut(one))).not.toBe(idOfIdempotencyKey(...cut(two)));
    }),
  );
});
