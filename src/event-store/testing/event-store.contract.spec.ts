import {
  type AppendRequest,
  type AppendResult,
  type Bookmark,
  type ReadLogOptions,
  type ReadStreamOptions,
} from '../event-store.js';
import { InMemoryEventStore } from '../in-memory-event-store.js';
import { eventStoreContract, eventStoreRules } from './event-store.contract.js';

eventStoreContract('InMemoryEventStore', async () => {
  const store = new InMemoryEventStore();
  return { store, close: () => store.close() };
});

/** Rules that a store breaks. */
const brokenRules = async (makeStore: () => InMemoryEventStore): Promise<string[]> => {
  const broken: string[] = [];
  for (const { rule, check } of eventStoreRules) {
    await check(makeStore()).catch(() => broken.push(rule));
  }
  return broken;
};

class IgnoresTheExpectedVersion extends InMemoryEventStore {
  override append(request: AppendRequest): Promise<AppendResult> {
    return super.append({ ...request, expected: 'any', document: null });
  }
}

class TakesNoneForAny extends InMemoryEventStore {
  override append(request: AppendRequest): Promise<AppendResult> {
    return super.append(request.expected === 'none' ? { ...request, expected: 'any' } : request);
  }
}

class NeverSaysDuplicate extends InMemoryEventStore {
  override async append(request: AppendRequest): Promise<AppendResult> {
    return { ...(await super.append(request)), duplicate: false };
  }
}

class WritesRepetitionsAgain extends InMemoryEventStore {
  private next = 0;
  override append(request: AppendRequest): Promise<AppendResult> {
    const id = () => `01890000-0000-7000-8000-${String((this.next += 1)).padStart(12, '0')}`;
    return super.append({ ...request, events: request.events.map((event) => ({ ...event, id: id() })) });
  }
}

class LosesTheSealedPart extends InMemoryEventStore {
  override append(request: AppendRequest): Promise<AppendResult> {
    return super.append({ ...request, events: request.events.map((event) => ({ ...event, sealed: null })) });
  }
}

class StopsAtTheLastMatch extends InMemoryEventStore {
  override async readLog(options: ReadLogOptions) {
    const page = await super.readLog(options);
    return { ...page, next: page.events.at(-1)?.position ?? options.after };
  }
}

class IgnoresFilters extends InMemoryEventStore {
  override readLog({ after, limit }: ReadLogOptions) {
    return super.readLog({ after, limit });
  }
}

class IgnoresTheInstant extends InMemoryEventStore {
  override readStream(streamId: string, { until: _, ...options }: ReadStreamOptions = {}) {
    return super.readStream(streamId, options);
  }
}

class ReadsBackwards extends InMemoryEventStore {
  override async readStream(streamId: string, options?: ReadStreamOptions) {
    return (await super.readStream(streamId, options)).reverse();
  }
}

class NeverRings extends InMemoryEventStore {
  override onCommit() {
    return () => undefined;
  }
}

class GivesItsOwnObjects extends InMemoryEventStore {
  private readonly kept = new Map<string, ReturnType<InMemoryEventStore['readStream']>>();
  override readStream(streamId: string, options?: ReadStreamOptions) {
    const kept = this.kept.get(streamId) ?? super.readStream(streamId, options);
    this.kept.set(streamId, kept);
    return kept;
  }
}

class TakesAnyBookmark extends InMemoryEventStore {
  override async assertSameHistory(_bookmark: Bookmark) {
    return undefined;
  }
}

class ClockRunsBackwards extends InMemoryEventStore {
  override async readLog(options: ReadLogOptions) {
    const page = await super.readLog(options);
    const events = page.events.map((event) => ({ ...event, recordedAt: new Date(1e12 - event.position) }));
    return { ...page, events };
  }
}

describe('the contract of an event store', () => {
  it('is kept by the correct store', async () => {
    expect(await brokenRules(() => new InMemoryEventStore())).toEqual([]);
  });

  it.each([
    [IgnoresTheExpectedVersion, 'a number refuses every other version, lower and higher'],
    [TakesNoneForAny, "'none' and 0 refuse a stream that exists"],
    [NeverSaysDuplicate, 'the same request again answers the stored result and writes nothing'],
    [WritesRepetitionsAgain, 'a repetition is recognised after the stream has grown, with its own version'],
    [LosesTheSealedPart, 'what is read is what was written'],
    [StopsAtTheLastMatch, 'a filtered page goes on behind what the filter left out'],
    [IgnoresFilters, 'a filtered page goes on behind what the filter left out'],
    [IgnoresTheInstant, 'a stream is read by range of versions, limit and instant'],
    [ReadsBackwards, 'appends to one stream are written in the order in which they were asked for'],
    [
      NeverRings,
      'a commit rings before the append is answered, with the stream, until the listener is removed',
    ],
    [
      GivesItsOwnObjects,
      'a stored event cannot be changed through the objects that were handed over or given out',
    ],
    [TakesAnyBookmark, 'a bookmark beyond the head, or of another history, is refused'],
    [ClockRunsBackwards, 'the time of an event never decreases with its position and is whole milliseconds'],
  ])('%p is caught', async (Broken, rule) => {
    expect(await brokenRules(() => new Broken())).toContain(rule);
  });
});
