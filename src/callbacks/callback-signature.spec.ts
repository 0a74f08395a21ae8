import { createHmac } from 'node:crypto';
import { callbackSignature, SIGNATURE_WINDOW_S, type SignedCallback } from './callback-signature.js';

const SECRET = 'signing-secret';
const NOW = new Date('2026-05-01T12:00:00.000Z');
const nowS = NOW.getTime() / 1_000;

const signed = (
  providerTaskId: string | null,
  timestamp: number | string = nowS,
  secret = SECRET,
): SignedCallback => ({
  providerTaskId,
  headers: {
    'x-webhook-timestamp': String(timestamp),
    'x-webhook-signature': createHmac('sha256', secret)
      .update(`${providerTaskId}.${timestamp}`)
      .digest('base64'),
  },
});
const verdict = (callback: SignedCallback): string => callbackSignature(SECRET, callback, NOW);
const withHeaders = (headers: SignedCallback['headers']): SignedCallback => {
  const made = signed('task-1');
  return { ...made, headers: { ...made.headers, ...headers } };
};

describe('The signature of a callback', () => {
  it('is valid when it was made with the secret for this task id, a moment ago', () => {
    expect(verdict(signed('task-1'))).toBe('valid');
  });

  it('stays the same for ever', () => {
    const headers = {
      'x-webhook-timestamp': '1777636800',
      'x-webhook-signature': 'DUyFwF/Mx1Bq+LBcluubCVzNeWwgJ+Leobj2R0et9XI=',
    };
    expect(verdict({ providerTaskId: 'task-1', headers })).toBe('valid');
  });

  it.each([-SIGNATURE_WINDOW_S, 0, SIGNATURE_WINDOW_S])('may lie %d s off', (offset) => {
    expect(verdict(signed('task-1', nowS + offset))).toBe('valid');
  });

  it.each([-SIGNATURE_WINDOW_S - 1, SIGNATURE_WINDOW_S + 1, -86_400])('is stale %d s off', (offset) => {
    expect(verdict(signed('task-1', nowS + offset))).toBe('stale');
  });

  it('is absent without both headers', () => {
    expect(verdict({ providerTaskId: 'task-1', headers: {} })).toBe('absent');
  });

  it.each<[string, SignedCallback]>([
    ['for another task', { ...signed('task-2'), providerTaskId: 'task-1' }],
    ['with another secret', signed('task-1', nowS, 'other')],
    ['without a time', withHeaders({ 'x-webhook-timestamp': undefined })],
    ['without a signature', withHeaders({ 'x-webhook-signature': undefined })],
    ['with another time than was signed', withHeaders({ 'x-webhook-timestamp': String(nowS + 1) })],
    ['with a time that is none', signed('task-1', 'soon')],
    ['with a fraction', signed('task-1', `${nowS}.5`)],
    ['with headers that repeat', withHeaders({ 'x-webhook-signature': ['a', 'b'] })],
    [
      'in another spelling',
      withHeaders({ 'x-webhook-signature': `${String(signed('task-1').headers['x-webhook-signature'])} ` }),
    ],
    ['cut', withHeaders({ 'x-webhook-signature': 'AAAA' })],
    ['empty', withHeaders({ 'x-webhook-signature': '' })],
    ['of a body that names no task', signed(null)],
  ])('is invalid %s', (_what, callback) => {
    expect(verdict(callback)).toBe('invalid');
  });
});
