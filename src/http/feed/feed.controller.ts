import { Controller, Get, Query, Req } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { EventStore } from '../../event-store/index.js';
import { type Caller, CurrentCaller } from '../access/caller.js';
import { RequireScope } from '../access/route-access.js';
import { BeyondHeadError } from '../problems/wire.errors.js';
import { QueryReader, type RawQuery } from '../request/query-reader.js';
import { whileListening } from '../request/while-listening.js';
import { eventJson } from './event-json.js';
import { EVENT_TYPES } from './event-types.js';
import { FeedWaiter } from './feed-waiter.js';

@Controller('v1/events')
export class FeedController {
  constructor(
    private readonly feed: FeedWaiter,
    private readonly store: EventStore,
  ) {}

  /** The owner's part of the log behind a position. */
  @Get()
  @RequireScope('audit:read')
  async read(
    @Query() raw: RawQuery,
    @CurrentCaller() { owner }: Caller,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const query = new QueryReader(raw);
    const after = query.integer('after', 0) ?? 0;
    const types = query.words('type', EVENT_TYPES);
    const limit = query.integer('limit', 1, 1_000) ?? 100;
    const seconds = query.integer('wait', 0, 60) ?? 0;
    query.finish();
    if (after > 0) await this.refuseBeyondHead(after);
    const wanted = { owner, after, limit, types };
    const page = await (seconds === 0
      ? this.feed.next(wanted, 0)
      : whileListening(request, (signal) => this.feed.next(wanted, seconds * 1_000, signal)));
    return {
      data: page.events.map(eventJson),
      next_after: page.events.length === 0 ? after : page.next,
    };
  }

  private async refuseBeyondHead(after: number): Promise<void> {
    const { position } = await this.store.head();
    if (after > position) throw new BeyondHeadError(after, position);
  }
}
