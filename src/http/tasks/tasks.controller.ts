import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyRequest } from 'fastify';
import { type Json } from '../../shared/json.js';
import {
  CancelTask,
  EraseTask,
  idOfIdempotencyKey,
  KindRegistry,
  KeyedDigest,
  metadataDigest,
  ResubmitTask,
  ResumeTask,
  TASK_STATUSES,
  type TaskFilter,
  TaskNotFoundError,
  TaskReader,
  TaskWaiter,
} from '../../tasks/index.js';
import { type Caller, CurrentCaller } from '../access/caller.js';
import { RequireScope } from '../access/route-access.js';
import { noQuery, QueryReader, type RawQuery } from '../request/query-reader.js';
import { checkedBody } from '../request/read-body.js';
import { whileListening } from '../request/while-listening.js';
import { cursorFor, readCursor } from './cursor.js';
import { EmptyBody, EraseBody, ERASED_NOTICE, ResubmitBody } from './operation-bodies.js';
import { TaskPresenter } from './task-presenter.js';

const LONGEST_WAIT_S = 60;

@Controller('v1/tasks')
export class TasksController {
  constructor(
    private readonly commands: CommandBus,
    private readonly kinds: KindRegistry,
    private readonly reader: TaskReader,
    private readonly waiter: TaskWaiter,
    private readonly tasks: TaskPresenter,
    private readonly digest: KeyedDigest,
  ) {}

  @Get()
  @RequireScope('tasks:read')
  async list(@Query() raw: RawQuery, @CurrentCaller() { owner }: Caller): Promise<object> {
    const query = new QueryReader(raw);
    const idempotencyKey = query.text('idempotency_key', 255);
    const filter: TaskFilter = {
      owner,
      statuses: query.words('status', TASK_STATUSES),
      domains: query.words(
        'domain',
        this.kinds.all().map(({ domain }) => domain),
      ),
      model: query.text('model', 200),
      createdAfter: query.instant('created_after'),
      createdBefore: query.instant('created_before'),
      metadataDigests: query
        .pairs('metadata.')
        .map(([key, value]) => metadataDigest(this.digest, owner, key, value)),
      id: idempotencyKey && idOfIdempotencyKey(owner, idempotencyKey),
      providerTaskId: query.text('provider_task_id', 200),
    };
    const limit = query.integer('limit', 1, 200) ?? 50;
    const cursor = query.text('cursor', 500);
    const before = cursor === undefined ? null : readCursor(cursor, owner);
    if (cursor !== undefined && before === null)
      query.refuse('cursor', 'format', 'is not a next_cursor of this list');
    query.finish();
    const { tasks, nextBefore } = await this.reader.list(filter, limit, before);
    return {
      data: tasks.map((task) => this.tasks.json(task)),
      next_cursor: nextBefore === null ? null : cursorFor(owner, nextBefore),
    };
  }

  @Get(':id')
  @RequireScope('tasks:read')
  async get(
    @Param('id') id: string,
    @Query() raw: RawQuery,
    @CurrentCaller() { owner }: Caller,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const query = new QueryReader(raw);
    const seconds = query.integer('wait', 0, LONGEST_WAIT_S) ?? 0;
    query.finish();
    const task = await this.tasks.find(id, owner);
    if (seconds === 0) return this.tasks.json(task);
    const later = await whileListening(request, (signal) =>
      this.waiter.waitForEnd(id, seconds * 1_000, signal),
    );
    if (!later) throw new TaskNotFoundError(id);
    return this.tasks.json(later);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScope('tasks:write', 'optional-json')
  async cancel(
    @Param('id') id: string,
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { owner, cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    checkedBody(EmptyBody, json);
    await this.tasks.find(id, owner);
    await this.commands.execute(new CancelTask(id, owner, cause));
    return this.tasks.show(id, owner);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @RequireScope('operate', 'optional-json')
  async resume(
    @Param('id') id: string,
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { owner, cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    checkedBody(EmptyBody, json);
    await this.tasks.find(id, owner);
    await this.commands.execute(new ResumeTask(id, owner, 'operator', cause));
    return this.tasks.show(id, owner);
  }

  @Post(':id/resubmit')
  @HttpCode(200)
  @RequireScope('operate', 'optional-json')
  async resubmit(
    @Param('id') id: string,
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { owner, cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    const { reason } = checkedBody(ResubmitBody, json);
    await this.tasks.find(id, owner);
    await this.commands.execute(new ResubmitTask(id, owner, reason, null, cause));
    return this.tasks.show(id, owner);
  }

  /** 200 means: the data key is destroyed. Copies in backups and in the write-ahead log age out on their own. */
  @Post(':id/erase')
  @HttpCode(200)
  @RequireScope('operate', 'optional-json')
  async erase(
    @Param('id') id: string,
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { owner, cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    const { reason } = checkedBody(EraseBody, json);
    await this.tasks.find(id, owner);
    await this.commands.execute(new EraseTask(id, owner, reason, cause));
    return { ...(await this.tasks.show(id, owner)), notice: ERASED_NOTICE };
  }
}
