import { type AccountEvent } from './account.events.js';
import {
  type AccountState,
  decidePause,
  evolveAccount,
  isDueForProbe,
  NEW_ACCOUNT,
} from './account.state.js';

type Scope = Extract<AccountEvent, { type: 'AccountPaused' }>['data']['scope'];

const AT = new Date('2026-01-01T12:00:00Z');
const pause = (state: AccountState, scope: Scope): AccountState =>
  decidePause(state, { scope, model: scope === 'model' ? 'gpt-image-2' : null, task_id: 'task-1' }).reduce(
    (before, event) => evolveAccount(before, event, AT),
    state,
  );

it.each<Scope>(['key', 'credits', 'model'])('is paused once for one reason: %s', (scope) => {
  const paused = pause(NEW_ACCOUNT, scope);
  expect(paused.version).toBe(1);
  expect(pause(paused, scope)).toBe(paused);
});

it('a refused key outweighs missing credits: it is not probed any more', () => {
  const empty = pause(NEW_ACCOUNT, 'credits');
  const later = new Date(AT.getTime() + 300_000);
  expect(isDueForProbe(empty, later, 300_000)).toBe(true);
  const refused = pause(empty, 'key');
  expect(refused.pause?.scope).toBe('key');
  expect(isDueForProbe(refused, later, 300_000)).toBe(false);
  expect(pause(refused, 'credits')).toBe(refused);
});
