import { isWorthAnother } from './submit-claims.js';

const shares = (owners: string, changes: Partial<Parameters<typeof isWorthAnother>[0]> = {}) =>
  isWorthAnother({ owners: [...owners], limit: 8, share: 3, isWhole: true, ...changes });

describe('another claim at once', () => {
  it.each([
    ['everything wanted was claimed', shares('abcabcab'), false],
    ['nothing is due', shares(''), false],
    ['each owner gave all it had', shares('abcab'), false],
    ['an owner had its whole share, others less: it may have more', shares('abaa'), true],
    ['not every owner was looked at', shares('', { isWhole: false }), true],
    [
      'not every owner was looked at, but nothing is wanted any more',
      shares('abcabcab', { isWhole: false }),
      false,
    ],
  ])('%s', (_what, isWorth, wanted) => expect(isWorth).toBe(wanted));
});
