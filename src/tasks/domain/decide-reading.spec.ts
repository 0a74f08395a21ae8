import { type ProviderReport, type StatusReading } from '../ports.js';
import { decideReading, mergeReadings, type Reading } from './decide-reading.js';
import { type StoredFile, type TaskEvent } from './task.events.js';
import { type Task } from './task.state.js';
import {
  accepted,
  after,
  called,
  cancelled,
  deferred,
  expired,
  fact,
  failed,
  files,
  given,
  held,
  HOUR,
  MINUTE,
  POLICY,
  pollFailed,
  polled,
  read,
  report,
  resubmitted,
  SECOND,
  started,
  submitted,
  succeeded,
  unknown,
  unread,
} from './testing/index.js';

/** The provider's status was read for an attempt, and this is what it said. */
const reads =
  (attempt: number, said: ProviderReport | StatusReading, changes: Partial<Reading> = {}) =>
  (task: Task, now: Date): TaskEvent[] => {
    const reading = 'kind' in said ? said : read(said);
    const providerTaskId =
      task.attempts.find(({ number }) => number === attempt)?.providerTaskId ??
      ('providerTaskId' in said ? said.providerTaskId : 'p-1');
    return decideReading(
      task,
      {
        attempt,
        providerTaskId,
        account: 'account-1',
        reading,
        source: 'status',
        isPartial: false,
        idInUse: false,
        earlierFiles: [],
        now,
        ...changes,
      },
      POLICY,
    );
  };

const storedFiles = (count: number): StoredFile[] =>
  files(count).map(({ contentType, ...file }) => ({ ...file, content_type: contentType }));

const known = given(submitted(), started(1), accepted(1, 'p-1'), after(SECOND));
const unconfirmed = given(submitted(), started(1), unknown(1), after(SECOND));

describe('what a read adds', () => {
  it('the first read is recorded', () => {
    known
      .when(reads(1, report('p-1', 'pending', { progress: 0 })))
      .thenFacts(
        fact('StatusPolled', {
          attempt: 1,
          provider_task_id: 'p-1',
          status: 'pending',
          raw_status: 'not_started',
          progress: 0,
          source: 'status',
          confirming: false,
        }),
      )
      .thenStatus('submitted');
  });

  it('the same again is silence', () => {
    known
      .and(polled(1, 'p-1', 'running'))
      .when(reads(1, report('p-1', 'running')))
      .thenSilence();
  });

  it.each([
    ['a changed word', report('p-1', 'running', { rawStatus: 'processing' })],
    ['a changed status', report('p-1', 'pending')],
    ['moved progress', report('p-1', 'running', { progress: 40 })],
  ])('%s is recorded', (_what, said) => {
    known
      .and(polled(1, 'p-1', 'running'))
      .when(reads(1, said))
      .thenFacts(fact('StatusPolled'));
  });

  it('"running" makes a submitted task run, and "pending" afterwards does not take it back', () => {
    const { moment } = known
      .when(reads(1, report('p-1', 'running')))
      .thenFacts(fact('StatusPolled'))
      .thenStatus('running');
    moment
      .when(reads(1, report('p-1', 'pending')))
      .thenFacts(fact('StatusPolled'))
      .thenStatus('running');
  });

  it('an unknown word is kept raw', () => {
    known
      .when(reads(1, report('p-1', 'pending', { rawStatus: 'thinking', knownWord: false })))
      .thenFacts(fact('StatusPolled', { status: 'pending', raw_status: 'thinking' }));
  });

  it('about an id that is no longer the attempt’s is silence', () => {
    known.when(reads(1, report('p-2', 'finished'), { providerTaskId: 'p-2' })).thenSilence();
  });

  it.each([
    ['succeeded', [succeeded(1, 'p-1')]],
    ['failed', [failed(1, 'p-1')]],
  ])('of an attempt that was confirmed %s is silence: terminal states stay', (_end, facts) => {
    for (const status of ['finished', 'failed', 'running'] as const)
      known
        .and(...facts, after(MINUTE))
        .when(reads(1, report('p-1', status)))
        .thenSilence();
  });
});

describe('a read that tells nothing', () => {
  it('is recorded when its class is the first or another one, else silence', () => {
    const { moment } = known
      .when(reads(1, unread('timeout')))
      .thenFacts(
        fact('StatusPollFailed', {
          attempt: 1,
          provider_task_id: 'p-1',
          class: 'timeout',
          http_status: null,
        }),
      )
      .thenStatus('submitted');
    moment.when(reads(1, unread('timeout'))).thenSilence();
    moment
      .when(reads(1, unread('server_error', 502)))
      .thenFacts(fact('StatusPollFailed', { http_status: 502 }));
  });

  it('is recorded anew after a read that told something', () => {
    known
      .and(pollFailed(1, 'p-1', 'timeout'), polled(1, 'p-1', 'running'))
      .when(reads(1, unread('timeout')))
      .thenFacts(fact('StatusPollFailed'));
  });

  it.each([
    'auth',
    'credits',
    'forbidden',
    'not_found',
    'rate_limited',
    'id_mismatch',
    'unreadable',
  ] as const)('%s is never a verdict', (cls) => {
    known
      .and(after(HOUR))
      .when(reads(1, unread(cls)))
      .thenFacts(fact('StatusPollFailed', { class: cls }))
      .thenStatus('submitted');
  });

  it('that was never asked is silence', () => {
    known.when(reads(1, unread('not_asked'))).thenSilence();
  });

  it('does not break a row of failures: they are still two equal reads', () => {
    known
      .and(polled(1, 'p-1', 'failed'), after(5 * SECOND), pollFailed(1, 'p-1', 'timeout'))
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskFailed'));
  });
});

describe('success', () => {
  it('is one read with files, whatever the task was before', () => {
    known
      .when(reads(1, report('p-1', 'finished', { credits: 4.5 })))
      .thenFacts(
        fact('StatusPolled', { status: 'finished', file_count: 1, credits: 4.5, confirming: true }),
        fact(
          'TaskSucceeded',
          {
            attempt: 1,
            provider_task_id: 'p-1',
            credits: 4.5,
            late: false,
            expected_files: 1,
            files: [{ type: 'image', label: null, format: null, content_type: null, size: null }],
          },
          { urls: files(1).map(({ url }) => url) },
        ),
      )
      .thenStatus('succeeded');
  });

  it('keeps no URL in public', () => {
    const events = known.when(reads(1, report('p-1', 'finished'))).events;
    expect(JSON.stringify(events.map(({ data }) => data))).not.toContain('files.example');
  });

  it('counts after a first "failed": it flipped', () => {
    known
      .and(polled(1, 'p-1', 'failed'), after(5 * SECOND))
      .when(reads(1, report('p-1', 'finished')))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskSucceeded'))
      .thenStatus('succeeded');
  });

  it.each([
    ['queued once more', [resubmitted()]],
    ['submitting once more', [resubmitted(), started(2)]],
    ['held', [resubmitted(), started(2), held(2)]],
    ['unconfirmed', [resubmitted(), started(2), unknown(2)]],
    ['submitted once more', [resubmitted(), started(2), accepted(2, 'p-2')]],
  ])('of an older attempt wins also while the task is %s', (_status, facts) => {
    known
      .and(expired(), ...facts)
      .when(reads(1, report('p-1', 'finished')))
      .thenFacts(fact('StatusPolled', { attempt: 1 }), fact('TaskSucceeded', { attempt: 1, late: false }))
      .thenStatus('succeeded');
  });

  it('of a surplus attempt is recorded with its credits and changes nothing', () => {
    const { moment } = known
      .and(expired(), resubmitted(), started(2), accepted(2, 'p-2'), succeeded(2, 'p-2'))
      .when(reads(1, report('p-1', 'finished', { credits: 9 })))
      .thenFacts(fact('StatusPolled', { attempt: 1, credits: 9, confirming: true }))
      .thenStatus('succeeded');
    expect(moment.task.attempts[0]).toMatchObject({ credits: 9, verdict: 'succeeded' });
  });

  it('after expiry applies, and is late', () => {
    known
      .and(expired())
      .when(reads(1, report('p-1', 'finished')))
      .thenFacts(fact('StatusPolled'), fact('TaskSucceeded', { late: true }))
      .thenStatus('succeeded');
  });

  it('after cancelling is recorded with its credits and not applied', () => {
    known
      .and(cancelled())
      .when(reads(1, report('p-1', 'finished', { credits: 4.5 })))
      .thenFacts(fact('StatusPolled', { credits: 4.5, confirming: true }))
      .thenStatus('cancelled');
  });
});

describe('failure', () => {
  it('needs two equal reads 5 s apart', () => {
    const { moment: once } = known
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled', { status: 'failed', confirming: false }))
      .thenStatus('submitted');
    once
      .and(after(5 * SECOND - 1))
      .when(reads(1, report('p-1', 'failed')))
      .thenSilence();
    once
      .and(after(5 * SECOND))
      .when(reads(1, report('p-1', 'failed', { message: 'Too dark', credits: 0 })))
      .thenFacts(
        fact('StatusPolled', { confirming: true }),
        fact(
          'TaskFailed',
          { attempt: 1, provider_task_id: 'p-1', code: 'provider_failed', credits: 0, late: false },
          { message: 'Too dark' },
        ),
      )
      .thenStatus('failed');
  });

  it('may count a callback’s word as the first of the two', () => {
    const told = known.and(called(1, 'p-1', 'failed'));
    told
      .and(after(5 * SECOND - 1))
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled', { confirming: false }))
      .thenStatus('submitted');
    told
      .and(after(5 * SECOND))
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskFailed'))
      .thenStatus('failed');
  });

  it('does not count the word of a callback about another id', () => {
    given(
      submitted(),
      started(1),
      called(1, 'p-forged', 'failed'),
      called(1, 'p-1', 'finished'),
      unknown(1),
      after(MINUTE),
    )
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('SubmissionAccepted'), fact('StatusPolled', { confirming: false }))
      .thenStatus('submitted');
  });

  it('begins anew when another word comes in between', () => {
    known
      .and(polled(1, 'p-1', 'failed'), after(3 * SECOND), polled(1, 'p-1', 'pending'), after(3 * SECOND))
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled', { confirming: false }))
      .thenStatus('submitted');
  });

  it('after expiry applies, and is late', () => {
    known
      .and(expired(), polled(1, 'p-1', 'failed'), after(HOUR))
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskFailed', { late: true }))
      .thenStatus('failed');
  });

  it('after cancelling is recorded and not applied', () => {
    known
      .and(cancelled(), polled(1, 'p-1', 'failed'), after(HOUR))
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled', { confirming: true }))
      .thenStatus('cancelled');
  });

  describe('with several attempts needs all of them', () => {
    it('not while another known id has no verdict', () => {
      known
        .and(
          expired(),
          resubmitted(),
          started(2),
          accepted(2, 'p-2'),
          polled(2, 'p-2', 'failed'),
          after(HOUR),
        )
        .when(reads(2, report('p-2', 'failed')))
        .thenFacts(fact('StatusPolled', { attempt: 2, confirming: true }))
        .thenStatus('submitted');
    });

    it('not while another one may have been created: the task is unconfirmed again', () => {
      const { moment } = unconfirmed
        .and(resubmitted(), started(2), accepted(2, 'p-2'), polled(2, 'p-2', 'failed'), after(HOUR))
        .when(reads(2, report('p-2', 'failed')))
        .thenFacts(fact('StatusPolled', { attempt: 2, confirming: true }))
        .thenStatus('unconfirmed');
      expect(moment.task.phase).toMatchObject({ attempt: 1, reason: 'older_attempt' });
    });

    it('the last one to fail fails the task', () => {
      known
        .and(expired(), resubmitted(), started(2), accepted(2, 'p-2'))
        .and(polled(2, 'p-2', 'failed', { confirming: true }), polled(1, 'p-1', 'failed'), after(HOUR))
        .when(reads(1, report('p-1', 'failed')))
        .thenFacts(fact('StatusPolled', { attempt: 1 }), fact('TaskFailed', { attempt: 1 }))
        .thenStatus('failed');
    });

    it.each([
      ['queued', []],
      ['submitting', [started(2)]],
      ['held', [started(2), held(2)]],
    ])('an older one’s does not end a task that is %s for a newer one', (status, facts) => {
      known
        .and(expired(), resubmitted(), ...facts, polled(1, 'p-1', 'failed'), after(HOUR))
        .when(reads(1, report('p-1', 'failed')))
        .thenFacts(fact('StatusPolled', { attempt: 1, confirming: true }))
        .thenStatus(status as Task['phase']['status']);
    });
  });
});

describe('finished without files', () => {
  const empty = report('p-1', 'finished', { files: [] });
  const emptySince = known.and(polled(1, 'p-1', 'finished'));

  it('is read again for 15 minutes', () => {
    known
      .when(reads(1, empty))
      .thenFacts(fact('StatusPolled', { file_count: 0, confirming: false }))
      .thenStatus('submitted');
    emptySince
      .and(after(15 * MINUTE - 1))
      .when(reads(1, empty))
      .thenSilence();
  });

  it('does not fail while the detail, where they may stand, cannot be read; the wait has an end', () => {
    const partial = { isPartial: true };
    emptySince
      .and(after(HOUR))
      .when(reads(1, empty, partial))
      .thenSilence();
    emptySince
      .and(after(24 * HOUR + 1))
      .when(reads(1, empty, partial))
      .thenFacts(fact('StatusPolled'), fact('TaskExpired'));
  });

  it('then failed: result_missing', () => {
    emptySince
      .and(after(15 * MINUTE))
      .when(reads(1, empty))
      .thenFacts(
        fact('StatusPolled', { status: 'finished', confirming: false }),
        fact('TaskFailed', { code: 'result_missing', provider_task_id: 'p-1' }),
      )
      .thenStatus('failed');
  });

  it('succeeds when the files come within the grace', () => {
    emptySince
      .and(after(14 * MINUTE))
      .when(reads(1, report('p-1', 'finished')))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskSucceeded', { late: false }))
      .thenStatus('succeeded');
  });

  it('counts anew when another word comes in between', () => {
    emptySince
      .and(after(14 * MINUTE), polled(1, 'p-1', 'running'), after(2 * MINUTE))
      .when(reads(1, empty))
      .thenFacts(fact('StatusPolled'))
      .thenStatus('running');
  });

  describe('for good', () => {
    const missing = emptySince.and(after(15 * MINUTE), failed(1, 'p-1', 'result_missing'), after(HOUR));

    it('is still open to a late success', () => {
      missing
        .when(reads(1, report('p-1', 'finished')))
        .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskSucceeded', { late: true }))
        .thenStatus('succeeded');
    });

    it('also when a resubmit was refused afterwards', () => {
      missing
        .and(resubmitted(), started(2), failed(2, null, 'provider_rejected'))
        .when(reads(1, report('p-1', 'finished')))
        .thenFacts(fact('StatusPolled'), fact('TaskSucceeded', { attempt: 1, late: true }))
        .thenStatus('succeeded');
    });

    it('stays failed as it was when the provider says "failed" in the end', () => {
      const { moment } = missing
        .and(polled(1, 'p-1', 'failed'), after(HOUR))
        .when(reads(1, report('p-1', 'failed')))
        .thenFacts(fact('StatusPolled', { confirming: true }))
        .thenStatus('failed');
      expect(moment.task.phase).toMatchObject({ code: 'result_missing' });
    });
  });

  it('does not fail a task whose other attempt may live, but its wait has an end', () => {
    const two = unconfirmed.and(resubmitted(), started(2), accepted(2, 'p-2'), polled(2, 'p-2', 'finished'));
    const said = report('p-2', 'finished', { files: [] });
    two.and(after(HOUR)).when(reads(2, said)).thenSilence();
    two
      .and(after(24 * HOUR + 1))
      .when(reads(2, said))
      .thenFacts(fact('StatusPolled'), fact('TaskExpired', { because: 'no_verdict' }))
      .thenStatus('expired');
  });
});

describe('fewer files than expected', () => {
  const known = given(submitted({ expected_files: 4 }), started(1), accepted(1, 'p-1'), after(SECOND));
  const said = (count: number): ProviderReport => report('p-1', 'finished', { files: files(count) });

  it('are sealed with their read, and read once more', () => {
    known
      .when(reads(1, said(2)))
      .thenFacts(
        fact('StatusPolled', { file_count: 2, confirming: false }, { message: null, files: storedFiles(2) }),
      )
      .thenStatus('submitted');
  });

  it('10 s later the fuller answer wins, and both counts are recorded', () => {
    const short = known.and(polled(1, 'p-1', 'finished', { file_count: 2 }));
    short
      .and(after(10 * SECOND - 1))
      .when(reads(1, said(2), { earlierFiles: storedFiles(2) }))
      .thenSilence();
    const fuller = (count: number, earlier: number): unknown => {
      const events = short
        .and(after(10 * SECOND))
        .when(reads(1, said(count), { earlierFiles: storedFiles(earlier) })).events;
      const success = events.find((event) => event.type === 'TaskSucceeded');
      return { files: success?.data.files.length, expected: success?.data.expected_files };
    };
    expect(fuller(2, 2)).toEqual({ files: 2, expected: 4 });
    expect(fuller(1, 2)).toEqual({ files: 2, expected: 4 });
    expect(fuller(0, 2)).toEqual({ files: 2, expected: 4 });
    expect(fuller(3, 2)).toEqual({ files: 3, expected: 4 });
  });

  it('all of them are a success at once', () => {
    known
      .when(reads(1, said(4)))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskSucceeded'));
    known
      .when(reads(1, said(5)))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskSucceeded'));
  });

  it('a number nobody knows is complete with the first file', () => {
    given(submitted({ expected_files: null }), started(1), accepted(1, 'p-1'))
      .when(reads(1, said(1)))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskSucceeded', { expected_files: null }));
  });
});

describe('a result in words', () => {
  const known = given(
    submitted({ expected_files: 0, may_lack_files: true }),
    started(1),
    accepted(1, 'p-1'),
    after(SECOND),
  );
  const said = (more: Partial<ProviderReport>): ProviderReport =>
    report('p-1', 'finished', { files: [], ...more });
  const answers = [{ files: [{ lyrics: 'la la' }] }];

  it('is a success at once, and what was received is kept, sealed', () => {
    known
      .when(reads(1, said({ hasWords: true, answers })))
      .thenFacts(
        fact('StatusPolled', { file_count: 0, confirming: true }, { message: null, files: null, answers }),
        fact('TaskSucceeded', { files: [], expected_files: 0 }, { urls: [], answers }),
      )
      .thenStatus('succeeded');
  });

  it.each([0, 1])('that does not show is waited for, whatever files there are (%d)', (count) => {
    known
      .when(reads(1, said({ files: files(count), answers })))
      .thenFacts(fact('StatusPolled', { confirming: false }))
      .thenStatus('submitted');
    known
      .and(polled(1, 'p-1', 'finished', { file_count: count }), after(15 * MINUTE))
      .when(reads(1, said({ files: files(count), answers })))
      .thenFacts(
        fact('StatusPolled', { confirming: true }),
        fact('TaskSucceeded', {}, { urls: files(count).map(({ url }) => url), answers }),
      );
  });

  it('is not taken as it is while the detail cannot be read; the wait has an end', () => {
    const partial = { isPartial: true };
    const waited = known.and(polled(1, 'p-1', 'finished'));
    waited
      .and(after(HOUR))
      .when(reads(1, said({ answers }), partial))
      .thenSilence();
    waited
      .and(after(24 * HOUR + 1))
      .when(reads(1, said({ answers }), partial))
      .thenFacts(fact('StatusPolled'), fact('TaskExpired'));
  });

  it('of a cancelled task is recorded and not applied', () => {
    known
      .and(cancelled())
      .when(reads(1, said({ hasWords: true, answers })))
      .thenFacts(fact('StatusPolled', { confirming: true }, { message: null, files: null, answers }))
      .thenStatus('cancelled');
  });
});

describe('files nobody can name', () => {
  const known = given(
    submitted({ expected_files: null, may_lack_files: true }),
    started(1),
    accepted(1, 'p-1'),
    polled(1, 'p-1', 'finished'),
  );

  it('are complete with the first that is found', () => {
    known
      .when(reads(1, report('p-1', 'finished', { files: files(1) })))
      .thenFacts(fact('StatusPolled', { confirming: true }), fact('TaskSucceeded'));
  });

  it('are no failure when none is found: what was received is the result', () => {
    const said = report('p-1', 'finished', { files: [], answers: [{ drums: 'somewhere' }] });
    known
      .and(after(15 * MINUTE - 1))
      .when(reads(1, said))
      .thenSilence();
    known
      .and(after(15 * MINUTE))
      .when(reads(1, said))
      .thenFacts(
        fact('StatusPolled', { confirming: true }),
        fact('TaskSucceeded', { files: [] }, { urls: [], answers: [{ drums: 'somewhere' }] }),
      );
  });
});

describe('binding an id that only a callback has named', () => {
  const hinted = given(submitted(), started(1), called(1, 'p-1', 'finished'), unknown(1), after(SECOND));

  it('happens by its first successful read, together with what was read', () => {
    hinted
      .when(reads(1, report('p-1', 'running')))
      .thenFacts(
        fact('SubmissionAccepted', { attempt: 1, provider_task_id: 'p-1', learned_from: 'callback' }),
        fact('StatusPolled', { status: 'running' }),
      )
      .thenStatus('running');
  });

  it('with a verdict: bound, read and decided at once', () => {
    hinted
      .when(reads(1, report('p-1', 'finished')))
      .thenFacts(fact('SubmissionAccepted'), fact('StatusPolled'), fact('TaskSucceeded'))
      .thenStatus('succeeded');
  });

  it('not by a read that tells nothing: the hint stays', () => {
    for (const cls of ['not_found', 'timeout', 'id_mismatch', 'auth'] as const)
      hinted.when(reads(1, unread(cls))).thenSilence();
  });

  it('not while the call is under way: the answer wins', () => {
    given(submitted(), started(1), called(1, 'p-1', 'finished'))
      .when(reads(1, report('p-1', 'finished')))
      .thenSilence();
  });

  it('not for an attempt that certainly created nothing', () => {
    given(submitted(), started(1), called(1, 'p-1', 'finished'), deferred(1))
      .when(reads(1, report('p-1', 'finished')))
      .thenSilence();
  });

  it('not when the id belongs to another task: recorded once, never looked at again, nothing of it kept', () => {
    const { moment } = hinted
      .when(reads(1, report('p-1', 'finished', { message: 'canary' }), { idInUse: true }))
      .thenFacts(
        fact('ConflictingOutcomeObserved', {
          attempt: 1,
          kind: 'id_in_use',
          provider_task_id: 'p-1',
          known: null,
        }),
      )
      .thenStatus('unconfirmed');
    expect(moment.task.attempts[0]!.hints).toEqual([]);
    expect(moment.and(called(1, 'p-1', 'failed')).task.attempts[0]!.hints).toEqual([]);
    moment.when(reads(1, report('p-1', 'finished'), { idInUse: true })).thenSilence();
  });

  it('not when the id belongs to another attempt of the task', () => {
    given(
      submitted(),
      started(1),
      accepted(1, 'p-1'),
      expired(),
      resubmitted(),
      started(2),
      called(2, 'p-1', 'finished'),
      unknown(2),
    )
      .when(reads(2, report('p-1', 'finished'), { providerTaskId: 'p-1' }))
      .thenFacts(fact('ConflictingOutcomeObserved', { attempt: 2, kind: 'id_in_use' }))
      .thenStatus('unconfirmed');
  });

  it('to an older attempt takes a resubmitted task out of the queue', () => {
    given(submitted(), started(1), unknown(1), resubmitted(), called(1, 'p-1', 'finished'))
      .when(reads(1, report('p-1', 'running')))
      .thenFacts(fact('SubmissionAccepted', { attempt: 1 }), fact('StatusPolled'))
      .thenStatus('running');
  });

  it('with a failure that is confirmed at once: the task does not stay behind without an id to read', () => {
    given(submitted(), started(1), called(1, 'p-1', 'failed'), unknown(1), resubmitted(), after(MINUTE))
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(
        fact('SubmissionAccepted', { attempt: 1 }),
        fact('StatusPolled', { confirming: true }),
        fact('TaskFailed', { attempt: 1, code: 'provider_failed' }),
      )
      .thenStatus('failed');
  });

  it('after cancelling: what it costs is still to be learned', () => {
    given(submitted(), started(1), unknown(1), cancelled(), called(1, 'p-1', 'finished', 'superseded'))
      .when(reads(1, report('p-1', 'finished', { credits: 3 })))
      .thenFacts(fact('SubmissionAccepted'), fact('StatusPolled', { credits: 3, confirming: true }))
      .thenStatus('cancelled');
  });

  it('after expiry: the verdict is late', () => {
    given(submitted(), started(1), unknown(1), expired('unconfirmed'), called(1, 'p-1', 'finished'))
      .when(reads(1, report('p-1', 'finished')))
      .thenFacts(fact('SubmissionAccepted'), fact('StatusPolled'), fact('TaskSucceeded', { late: true }))
      .thenStatus('succeeded');
  });

  it('begins the window of expiry anew', () => {
    hinted
      .and(after(30 * HOUR))
      .when(reads(1, report('p-1', 'running')))
      .thenFacts(fact('SubmissionAccepted'), fact('StatusPolled'))
      .thenStatus('running');
  });
});

describe('a callback that waits for confirmation', () => {
  const told = known.and(polled(1, 'p-1', 'running'), called(1, 'p-1', 'finished'));

  it('is neither lost nor applied while the status says something else', () => {
    told.when(reads(1, report('p-1', 'running'))).thenSilence();
    told
      .when(reads(1, unread('timeout')))
      .thenFacts(fact('StatusPollFailed'))
      .thenStatus('running');
    expect(told.and(pollFailed(1, 'p-1', 'timeout')).task.attempts[0]!.hints).toHaveLength(1);
  });

  it('is answered by the same word from the provider, recorded although it is not new', () => {
    const { moment } = known
      .and(polled(1, 'p-1', 'finished'), called(1, 'p-1', 'finished'))
      .when(reads(1, report('p-1', 'finished', { files: [] })))
      .thenFacts(fact('StatusPolled'))
      .thenStatus('submitted');
    expect(moment.task.attempts[0]!.hints).toEqual([]);
  });

  it('does not decide what is applied: the status answer does', () => {
    known
      .and(called(1, 'p-1', 'failed'), after(SECOND))
      .when(reads(1, report('p-1', 'finished')))
      .thenFacts(fact('StatusPolled', { status: 'finished' }), fact('TaskSucceeded'))
      .thenStatus('succeeded');
  });
});

describe('expiry', () => {
  const late = known.and(polled(1, 'p-1', 'running'), after(24 * HOUR));

  it('comes with a successful read that is not final, later than 24 h after the acceptance', () => {
    late
      .when(reads(1, report('p-1', 'running')))
      .thenFacts(fact('StatusPolled', { status: 'running' }), fact('TaskExpired', { because: 'no_verdict' }))
      .thenStatus('expired');
    known
      .and(polled(1, 'p-1', 'running'), after(24 * HOUR - SECOND))
      .when(reads(1, report('p-1', 'running')))
      .thenSilence();
  });

  it('comes with a 404', () => {
    late
      .when(reads(1, unread('not_found', 404)))
      .thenFacts(fact('StatusPollFailed', { class: 'not_found' }), fact('TaskExpired'))
      .thenStatus('expired');
  });

  it('comes with a 404 that had been recorded before', () => {
    late
      .and(pollFailed(1, 'p-1', 'not_found'))
      .when(reads(1, unread('not_found', 404)))
      .thenFacts(fact('TaskExpired'));
  });

  it.each([
    'timeout',
    'transport',
    'server_error',
    'unreadable',
    'auth',
    'rate_limited',
    'id_mismatch',
  ] as const)('never comes because of an outage: %s', (cls) => {
    late
      .when(reads(1, unread(cls)))
      .thenFacts(fact('StatusPollFailed'))
      .thenStatus('running');
  });

  it('never comes with a final word', () => {
    late.when(reads(1, report('p-1', 'finished'))).thenFacts(fact('StatusPolled'), fact('TaskSucceeded'));
    late
      .when(reads(1, report('p-1', 'failed')))
      .thenFacts(fact('StatusPolled'))
      .thenStatus('running');
    late
      .when(reads(1, report('p-1', 'finished', { files: [] })))
      .thenFacts(fact('StatusPolled'))
      .thenStatus('running');
  });

  it('counts from the newest accepted outcome', () => {
    late
      .and(expired(), resubmitted(), started(2), accepted(2, 'p-2'), after(HOUR))
      .when(reads(1, report('p-1', 'running')))
      .thenSilence();
  });

  it('is not held back by a callback that the status does not confirm', () => {
    late
      .and(called(1, 'p-1', 'finished'))
      .when(reads(1, report('p-1', 'running')))
      .thenFacts(fact('StatusPolled'), fact('TaskExpired'))
      .thenStatus('expired');
  });

  it('of an unconfirmed task with an older id comes with a read too, 24 h after the unknown outcome', () => {
    const waiting = late.and(expired(), resubmitted(), started(2), unknown(2));
    waiting
      .and(after(24 * HOUR))
      .when(reads(1, report('p-1', 'running')))
      .thenSilence();
    waiting
      .and(after(24 * HOUR + 1))
      .when(reads(1, report('p-1', 'running')))
      .thenFacts(fact('StatusPolled'), fact('TaskExpired', { because: 'no_verdict' }))
      .thenStatus('expired');
  });

  it.each([
    ['cancelled', [cancelled()]],
    ['expired', [expired()]],
    ['held', [expired(), resubmitted(), started(2), held(2)]],
    ['queued', [expired(), resubmitted()]],
  ])('is nothing to a task that is %s', (_status, facts) => {
    late
      .and(...facts, after(100 * HOUR))
      .when(reads(1, report('p-1', 'running')))
      .thenSilence();
  });
});

describe('one reading out of status and detail', () => {
  const words = (reading: StatusReading): unknown =>
    reading.kind === 'read'
      ? [reading.report.status, reading.report.files.length, reading.report.credits]
      : reading.class;
  const finished = (count: number, credits: number | null = null): StatusReading =>
    read(report('p-1', 'finished', { files: files(count), credits }));
  const other = (status: 'pending' | 'running' | 'failed'): StatusReading => read(report('p-1', status));

  it.each([
    ['both finished: the fuller one', finished(1), finished(2), ['finished', 2, null]],
    ['both finished: the fuller one, on status', finished(2), finished(1), ['finished', 2, null]],
    ['finished with files on status alone', finished(1), other('running'), ['finished', 1, null]],
    ['finished with files on detail alone', other('running'), finished(2), ['finished', 2, null]],
    ['status is 404, detail finished', unread('not_found'), finished(2), ['finished', 2, null]],
    ['finished without files on both', finished(0), finished(0), ['finished', 0, null]],
    [
      'finished without files on status, running on detail',
      finished(0),
      other('running'),
      ['finished', 0, null],
    ],
    ['finished against failed stays pending', finished(1), other('failed'), ['pending', 0, null]],
    ['failed against finished stays pending', other('failed'), finished(1), ['pending', 0, null]],
    ['failed on status, running on detail', other('failed'), other('running'), ['failed', 0, null]],
    ['both running', other('running'), other('running'), ['running', 0, null]],
    ['credits of status', finished(1, 3), finished(2, null), ['finished', 2, 3]],
    ['status unread, detail unread', unread('not_found'), unread('timeout'), 'not_found'],
    ['detail unread', finished(1), unread('timeout'), ['finished', 1, null]],
  ])('%s', (_title, status, detail, expected) => {
    expect(words(mergeReadings(status, detail))).toEqual(expected);
  });

  it('keeps both answers; words count when their answer is finished', () => {
    const [a, b] = [{ task_id: 'p-1' }, { files: [{ lyrics: 'la' }] }];
    const said = (status: 'finished' | 'running', answer: object, hasWords: boolean): StatusReading =>
      read(report('p-1', status, { files: [], answers: [answer as never], hasWords }));
    const [status, detail] = [said('finished', a, false), said('finished', b, true)];
    expect(mergeReadings(status, detail)).toMatchObject({ report: { hasWords: true, answers: [a, b] } });
    expect(mergeReadings(status, said('running', b, true))).toMatchObject({ report: { hasWords: false } });
    expect(mergeReadings(status, unread('timeout'))).toMatchObject({ report: { answers: [a] } });
  });

  it('names both words when they contradict each other', () => {
    expect(mergeReadings(finished(1), other('failed'))).toMatchObject({
      report: { rawStatus: 'finished|failed' },
    });
  });
});
