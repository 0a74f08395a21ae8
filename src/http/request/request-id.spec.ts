import { isUuid } from '../../shared/ids.js';
import { requestIdOf } from './request-id.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('The id of a request', () => {
  it.each(['a', 'order-17/retry:2', 'x'.repeat(128)])(
    'is taken over when it is a sane token: %s',
    (given) => {
      expect(requestIdOf({ 'x-request-id': given })).toBe(given);
    },
  );

  it.each(['', 'two words', 'x'.repeat(129), 'new\nline', '<script>', 'ümlaut'])(
    'is made when it is not: %j',
    (given) => {
      expect(isUuid(requestIdOf({ 'x-request-id': given }))).toBe(true);
    },
  );

  it('is the trace id when there is a trace and no id', () => {
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
    expect(requestIdOf({ traceparent })).toBe(TRACE);
    expect(requestIdOf({ traceparent, 'x-request-id': 'mine' })).toBe('mine');
  });

  it.each([
    'nonsense',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}`,
  ])('ignores a broken trace: %s', (traceparent) => {
    expect(isUuid(requestIdOf({ traceparent }))).toBe(true);
  });
});
