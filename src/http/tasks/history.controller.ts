import { Controller, Get, Param, Query } from '@nestjs/common';
import { TaskHistory, TaskNotFoundError } from '../../tasks/index.js';
import { type Caller, CurrentCaller } from '../access/caller.js';
import { RequireScope } from '../access/route-access.js';
import { eventJson } from '../feed/event-json.js';
import { noQuery, QueryReader, type RawQuery } from '../request/query-reader.js';
import { callbackJson } from './callback-json.js';
import { TaskPresenter } from './task-presenter.js';

/** What the log says of a task, for auditors. */
@Controller('v1/tasks/:id')
export class HistoryController {
  constructor(
    private readonly history: TaskHistory,
    private readonly tasks: TaskPresenter,
  ) {}

  @Get('events')
  @RequireScope('audit:read')
  async events(
    @Param('id') id: string,
    @Query() raw: RawQuery,
    @CurrentCaller() { owner }: Caller,
  ): Promise<object> {
    const query = new QueryReader(raw);
    const after = query.integer('after_version', 0, MOST_VERSIONS) ?? 0;
    const limit = query.integer('limit', 1, 1_000) ?? 100;
    query.finish();
    await this.tasks.find(id, owner);
    // One more than asked tells whether there is a next page.
    const events = await this.history.events(id, after, limit + 1);
    const page = events.slice(0, limit);
    return {
      data: page.map(eventJson),
      next_after_version: events.length > limit ? page.at(-1)!.version : null,
    };
  }

  @Get('callbacks')
  @RequireScope('audit:read')
  async callbacks(
    @Param('id') id: string,
    @Query() query: RawQuery,
    @CurrentCaller() { owner }: Caller,
  ): Promise<object> {
    noQuery(query);
    await this.tasks.find(id, owner);
    return { data: (await this.history.callbacks(id)).map(callbackJson) };
  }

  /** The task folded from the log as of a version or a moment. */
  @Get('replay')
  @RequireScope('audit:read')
  async replay(
    @Param('id') id: string,
    @Query() raw: RawQuery,
    @CurrentCaller() { owner }: Caller,
  ): Promise<object> {
    const query = new QueryReader(raw);
    const version = query.integer('version', 1, MOST_VERSIONS);
    const at = query.instant('at');
    if (raw.version !== undefined && raw.at !== undefined)
      query.refuse('at', 'exclusive', 'cannot go with version');
    query.finish();
    await this.tasks.find(id, owner);
    const replay = await this.history.replay(id, { version, at });
    if (!replay) throw new TaskNotFoundError(`${id} at that moment`);
    return {
      task: this.tasks.replayed(replay.task),
      replayed_events: replay.replayedEvents,
      as_of_version: replay.asOfVersion,
    };
  }
}

/** Versions are 32-bit integers in the log. */
const MOST_VERSIONS = 2_147_483_646;
