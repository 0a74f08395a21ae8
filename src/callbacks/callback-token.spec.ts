import { callbackToken, isCallbackToken, type CallbackSubject } from './callback-token.js';

const NEW = 'n'.repeat(32);
const OLD = 'o'.repeat(32);
const subject: CallbackSubject = {
  logId: '0199f3c2-0000-7000-8000-000000000001',
  taskId: '0199f3c2-0000-7000-8000-000000000002',
  attempt: 1,
};

describe('The token of a callback URL', () => {
  it('is 43 characters that need no escaping in a path', () => {
    expect(callbackToken(NEW, subject)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('stays the same for ever: tasks under way outlive releases', () => {
    expect(callbackToken(NEW, subject)).toBe('tl4eqtf0KYhGDRcpgJgPfLlNdWQbkZJChFHVAQntUAc');
  });

  it.each([
    ['log', { ...subject, logId: '0199f3c2-0000-7000-8000-00000000000f' }],
    ['task', { ...subject, taskId: '0199f3c2-0000-7000-8000-00000000000f' }],
    ['attempt', { ...subject, attempt: 2 }],
    ['division of the same characters', { ...subject, taskId: `${subject.taskId}1`, attempt: 1 }],
  ])('is worth nothing for another %s', (_what, other) => {
    expect(isCallbackToken([NEW], other, callbackToken(NEW, subject))).toBe(false);
  });

  it('is accepted when any of the secrets made it, and refused when none did', () => {
    expect(isCallbackToken([NEW, OLD], subject, callbackToken(OLD, subject))).toBe(true);
    expect(isCallbackToken([NEW, OLD], subject, callbackToken(NEW, subject))).toBe(true);
    expect(isCallbackToken([NEW], subject, callbackToken(OLD, subject))).toBe(false);
    expect(isCallbackToken([], subject, callbackToken(OLD, subject))).toBe(false);
  });

  it.each([
    ['empty', ''],
    ['cut', callbackToken(NEW, subject).slice(0, -1)],
    ['longer', `${callbackToken(NEW, subject)}A`],
    ['padded', `${callbackToken(NEW, subject)}=`],
    ['with a stray character', `${callbackToken(NEW, subject)}!`],
  ])('has one spelling: %s is refused', (_what, token) => {
    expect(isCallbackToken([NEW], subject, token)).toBe(false);
  });
});
