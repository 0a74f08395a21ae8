import { type ProviderReport } from '../ports.js';
import { decideCallback, meaningOf } from './decide-callback.js';
import { type TaskEvent } from './task.events.js';
import { type Task } from './task.state.js';
import {
  accepted,
  callback,
  called,
  cancelled,
  deferred,
  expired,
  fact,
  failed,
  file,
  files,
  given,
  held,
  policyWith,
  polled,
  POLICY,
  report,
  resubmitted,
  started,
  submitted,
  succeeded,
  unknown,
  type Moment,
} from './testing/index.js';

/** A callback that says this arrives on the URL of an attempt. */
const arrives =
  (attempt: number, said: ProviderReport | null, bytes?: string, policy = POLICY) =>
  (task: Task): TaskEvent[] =>
    decideCallback(task, callback(attempt, said, bytes), policy);

const verdictOn = (moment: Moment, attempt: number, said: ProviderReport | null): unknown => {
  const [event] = moment.when(arrives(attempt, said)).events;
  return event?.type === 'CallbackReceived' && event.data.verdict;
};
const afterCallbacks = (moment: Moment, attempt: number, ...said: ProviderReport[]): Moment =>
  said.reduce((now, one) => now.and(...now.when(arrives(attempt, one)).events), moment);

const hintsOf = (moment: Moment, attempt = 1): readonly object[] =>
  moment.task.attempts[attempt - 1]!.hints.map(({ providerTaskId, status }) => ({ providerTaskId, status }));

const submitting = given(submitted(), started(1, true));
const unconfirmed = submitting.and(unknown(1));
const known = submitting.and(accepted(1, 'p-1'));

describe('a callback', () => {
  it('is recorded with what it says, its digest, selected headers and its bytes sealed', () => {
    const said = report('p-1', 'finished');
    const arrived = callback(1, said);
    known
      .when(arrives(1, said))
      .thenFacts(
        fact(
          'CallbackReceived',
          {
            attempt: 1,
            verdict: 'accepted',
            provider_task_id: 'p-1',
            status: 'finished',
            raw_status: 'finished',
            body_sha256: arrived.bodySha256,
            body_bytes: arrived.body.length,
            meaning: meaningOf(said),
            headers: { 'content-type': 'application/json' },
          },
          { body_base64: arrived.body.toString('base64') },
        ),
      )
      .thenStatus('submitted');
  });

  it('changes no status: it is a hint, and asks for a look', () => {
    for (const moment of [known, unconfirmed]) {
      const told = afterCallbacks(moment, 1, report('p-1', 'finished'));
      expect(told.task.phase).toEqual(moment.task.phase);
      expect(hintsOf(told)).toEqual([{ providerTaskId: 'p-1', status: 'finished' }]);
    }
  });
});

describe('what it says', () => {
  const said = report('p-1', 'finished', { files: [file('1.png'), file('2.png')] });

  it('is the same whatever the bytes, the signature of a URL, the words and the credits', () => {
    const signedAnew = said.files.map((one) => ({ ...one, url: one.url.replace('=1', '=2#x') }));
    expect(
      meaningOf({ ...said, files: signedAnew, rawStatus: 'success', credits: 4, message: 'x', progress: 7 }),
    ).toBe(meaningOf(said));
  });

  it.each([
    ['another id', { providerTaskId: 'p-2' }],
    ['another status', { status: 'failed' as const }],
    ['fewer files', { files: [file('1.png')] }],
    ['another file', { files: [file('1.png'), file('3.png')] }],
    ['another type of file', { files: [file('1.png'), { ...file('2.png'), type: 'video' }] }],
  ])('differs with %s', (_what, change) => {
    expect(meaningOf({ ...said, ...change })).not.toBe(meaningOf(said));
  });
});

describe('the verdict, the first that fits', () => {
  it('malformed: no JSON object, task id or status in it', () => {
    known.when(arrives(1, null, '<html>')).thenFacts(
      fact('CallbackReceived', {
        verdict: 'malformed',
        provider_task_id: null,
        status: null,
        meaning: null,
      }),
    );
  });

  it('malformed, whatever has ended', () => {
    expect(verdictOn(known.and(succeeded(1, 'p-1')), 1, null)).toBe('malformed');
  });

  it('mismatched: another id than the attempt’s known one', () => {
    expect(verdictOn(known, 1, report('p-2', 'finished'))).toBe('mismatched');
  });

  it('mismatched comes before duplicate: the same wrong words again are still about the wrong task', () => {
    const told = afterCallbacks(known, 1, report('p-2', 'finished'));
    expect(verdictOn(told, 1, report('p-2', 'finished'))).toBe('mismatched');
  });

  it('mismatched comes before superseded', () => {
    expect(verdictOn(known.and(succeeded(1, 'p-1')), 1, report('p-2', 'finished'))).toBe('mismatched');
  });

  it('duplicate: the same meaning was seen on this task', () => {
    const told = afterCallbacks(known, 1, report('p-1', 'finished'));
    expect(verdictOn(told, 1, report('p-1', 'finished', { message: 'again' }))).toBe('duplicate');
  });

  it('duplicate also after the end', () => {
    const told = afterCallbacks(known, 1, report('p-1', 'finished')).and(succeeded(1, 'p-1'));
    expect(verdictOn(told, 1, report('p-1', 'finished'))).toBe('duplicate');
  });

  it.each([
    ['finished', 'failed', [failed(1, 'p-1')]],
    ['failed', 'succeeded', [succeeded(1, 'p-1')]],
  ] as const)('conflicting: %s against a task that %s', (status, _end, facts) => {
    expect(verdictOn(known.and(...facts), 1, report('p-1', status))).toBe('conflicting');
  });

  it.each([
    ['finished', 'failed'],
    ['failed', 'finished'],
  ] as const)('conflicting: %s against an earlier "%s" that nothing has disproved', (status, earlier) => {
    const told = afterCallbacks(known, 1, report('p-1', earlier));
    expect(verdictOn(told, 1, report('p-1', status))).toBe('conflicting');
  });

  it('accepted, once a read has disproved the earlier word', () => {
    const told = afterCallbacks(known, 1, report('p-1', 'failed')).and(
      polled(1, 'p-1', 'finished', { file_count: 0 }),
    );
    expect(verdictOn(told, 1, report('p-1', 'finished'))).toBe('accepted');
  });

  it('accepted: a success of the second attempt does not conflict with what the first was told', () => {
    const second = afterCallbacks(known, 1, report('p-1', 'failed')).and(
      polled(1, 'p-1', 'failed', { confirming: true }),
      failed(1, 'p-1'),
      resubmitted(),
      started(2, true),
      accepted(2, 'p-2'),
    );
    expect(verdictOn(second, 2, report('p-2', 'finished'))).toBe('accepted');
  });

  it.each([
    ['succeeded', 'finished', [succeeded(1, 'p-1')]],
    ['failed', 'failed', [failed(1, 'p-1')]],
    ['cancelled', 'finished', [cancelled()]],
    ['cancelled', 'running', [cancelled()]],
  ] as const)('superseded: the task has %s (%s)', (_end, status, facts) => {
    expect(verdictOn(known.and(...facts), 1, report('p-1', status))).toBe('superseded');
  });

  it('superseded: the status ranks below what was read', () => {
    const running = known.and(polled(1, 'p-1', 'running'));
    expect(verdictOn(running, 1, report('p-1', 'pending'))).toBe('superseded');
    expect(verdictOn(running, 1, report('p-1', 'running'))).toBe('accepted');
  });

  it('superseded: reordered, the end had been told before', () => {
    const told = afterCallbacks(known, 1, report('p-1', 'finished'));
    expect(verdictOn(told, 1, report('p-1', 'running'))).toBe('superseded');
  });

  it('accepted after expiry: a late verdict still applies', () => {
    for (const status of ['finished', 'failed'] as const)
      expect(verdictOn(known.and(expired()), 1, report('p-1', status))).toBe('accepted');
  });

  it.each([
    ['submitting', submitting],
    ['unconfirmed', unconfirmed],
    ['submitted', known],
  ])('accepted while %s', (_status, moment) => {
    for (const status of ['pending', 'running', 'finished', 'failed'] as const)
      expect(verdictOn(moment, 1, report('p-1', status))).toBe('accepted');
  });
});

describe('how much is kept', () => {
  const bodyKept = (moment: Moment, said: ProviderReport | null, bytes?: string): boolean => {
    const [event] = moment.when(arrives(1, said, bytes)).events;
    return event?.type === 'CallbackReceived' && event.personal?.body_base64 !== null;
  };
  const flood = (count: number): Moment =>
    Array.from({ length: count }, (_, index) => index).reduce(
      (moment, index) => moment.and(...moment.when(arrives(1, report(`p-${index}`, 'finished'))).events),
      unconfirmed,
    );

  it('no second copy of a repeat', () => {
    const told = afterCallbacks(known, 1, report('p-1', 'finished'));
    expect(bodyKept(told, report('p-1', 'finished', { message: 'other bytes' }))).toBe(false);
  });

  it('no second copy of the same wrong or broken message', () => {
    const wrong = afterCallbacks(known, 1, report('p-2', 'finished'));
    expect(bodyKept(wrong, report('p-2', 'finished', { message: 'other bytes' }))).toBe(false);
    const broken = known.and(...known.when(arrives(1, null, '<html>')).events);
    expect(bodyKept(broken, null, '<html>')).toBe(false);
    expect(bodyKept(broken, null, '<body>')).toBe(true);
  });

  it('20 payloads per task; what comes then is recorded without', () => {
    expect(bodyKept(flood(19), report('p-new', 'finished'))).toBe(true);
    const full = flood(20);
    expect(bodyKept(full, report('p-new', 'finished'))).toBe(false);
    full
      .when(arrives(1, report('p-new', 'finished')))
      .thenFacts(fact('CallbackReceived', { verdict: 'accepted' }, { body_base64: null }));
  });

  it('200 callbacks per task; then silence', () => {
    expect(flood(199).when(arrives(1, report('p-new', 'finished'))).events).toHaveLength(1);
    flood(200)
      .when(arrives(1, report('p-new', 'finished')))
      .thenSilence();
  });

  it('the limit is the task’s, whatever the attempt', () => {
    const second = flood(200).and(resubmitted(), started(2, true));
    second.when(arrives(2, report('p-new', 'finished'))).thenSilence();
  });
});

describe('a hint', () => {
  it('while submitting is kept for the end of the call', () => {
    expect(hintsOf(afterCallbacks(submitting, 1, report('p-1', 'running')))).toEqual([
      { providerTaskId: 'p-1', status: 'running' },
    ]);
  });

  it('that names an end is not displaced by a "running" that comes later', () => {
    expect(
      hintsOf(afterCallbacks(unconfirmed, 1, report('p-1', 'finished'), report('p-1', 'running'))),
    ).toEqual([{ providerTaskId: 'p-1', status: 'finished' }]);
  });

  it('is replaced by a later end of the same id, and stands beside that of another', () => {
    const told = afterCallbacks(
      unconfirmed,
      1,
      report('p-1', 'failed'),
      report('p-2', 'finished'),
      report('p-1', 'finished'),
    );
    expect(hintsOf(told)).toEqual([
      { providerTaskId: 'p-2', status: 'finished' },
      { providerTaskId: 'p-1', status: 'finished' },
    ]);
  });

  it('about a known id is worth a look only when it is an end', () => {
    expect(hintsOf(afterCallbacks(known, 1, report('p-1', 'running')))).toEqual([]);
    expect(hintsOf(afterCallbacks(known, 1, report('p-1', 'failed')))).toHaveLength(1);
  });

  it.each([
    ['a wrong id', known, report('p-2', 'finished')],
    ['an attempt that certainly created nothing', submitting.and(deferred(1)), report('p-1', 'finished')],
    ['a held one', submitting.and(held(1)), report('p-1', 'finished')],
    ['an end the provider has confirmed', known.and(failed(1, 'p-1')), report('p-1', 'finished')],
  ])('is not made of %s', (_what, moment, said) => {
    expect(hintsOf(afterCallbacks(moment, 1, said))).toEqual([]);
  });

  it('is made of a success after missing files: they may have come', () => {
    const missing = known.and(failed(1, 'p-1', 'result_missing'));
    expect(verdictOn(missing, 1, report('p-1', 'finished'))).toBe('conflicting');
    expect(hintsOf(afterCallbacks(missing, 1, report('p-1', 'finished')))).toHaveLength(1);
  });

  it('is made also after cancelling: what the attempt cost is still to be learned', () => {
    for (const moment of [unconfirmed, known])
      expect(hintsOf(afterCallbacks(moment.and(cancelled()), 1, report('p-1', 'finished')))).toHaveLength(1);
  });

  it('is made of a surplus attempt after another one’s success', () => {
    const done = unconfirmed.and(resubmitted(), started(2), accepted(2, 'p-2'), succeeded(2, 'p-2'));
    expect(hintsOf(afterCallbacks(done, 1, report('p-1', 'finished')))).toHaveLength(1);
  });
});

describe('with CALLBACK_CONFIRMATION=never', () => {
  const NEVER = policyWith({ callbackConfirmation: 'never' });
  const believed = (moment: Moment, said: ProviderReport, attempt = 1): readonly TaskEvent[] =>
    moment.when(arrives(attempt, said, undefined, NEVER)).events.slice(1);

  it('a success of the attempt’s own id is the verdict', () => {
    known
      .when(arrives(1, report('p-1', 'finished', { credits: 4.5 }), undefined, NEVER))
      .thenFacts(
        fact('CallbackReceived', { verdict: 'accepted' }),
        fact(
          'TaskSucceeded',
          { attempt: 1, provider_task_id: 'p-1', credits: 4.5, late: false },
          {
            urls: files(1).map(({ url }) => url),
          },
        ),
      )
      .thenStatus('succeeded');
  });

  it('a failure of the attempt’s own id is the verdict', () => {
    known
      .when(arrives(1, report('p-1', 'failed', { message: 'Too dark' }), undefined, NEVER))
      .thenFacts(
        fact('CallbackReceived', { verdict: 'accepted' }),
        fact('TaskFailed', { attempt: 1, code: 'provider_failed' }, { message: 'Too dark' }),
      )
      .thenStatus('failed');
  });

  it.each([
    ['a success without files', known, report('p-1', 'finished', { files: [] })],
    ['a word that is not final', known, report('p-1', 'running')],
    ['an id that only the callback names', unconfirmed, report('p-1', 'finished')],
    ['another id', known, report('p-2', 'finished')],
    ['a conflicting word', known.and(called(1, 'p-1', 'failed')), report('p-1', 'finished')],
    ['a cancelled task', known.and(cancelled()), report('p-1', 'finished')],
    ['a task that failed', known.and(failed(1, 'p-1')), report('p-1', 'finished')],
  ])('%s is none', (_what, moment, said) => {
    expect(believed(moment, said)).toEqual([]);
  });

  it('a failure waits for confirmation while another attempt may live', () => {
    const two = unconfirmed.and(resubmitted(), started(2), accepted(2, 'p-2'));
    expect(believed(two, report('p-2', 'failed'), 2)).toEqual([]);
  });

  it('after expiry it applies, and is late', () => {
    known
      .and(expired())
      .when(arrives(1, report('p-1', 'finished'), undefined, NEVER))
      .thenFacts(fact('CallbackReceived'), fact('TaskSucceeded', { late: true }))
      .thenStatus('succeeded');
  });
});
