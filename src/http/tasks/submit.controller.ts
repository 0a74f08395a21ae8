import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply } from 'fastify';
import { type Json } from '../../shared/json.js';
import { urlFlaw } from '../../shared/outer-url.js';
import {
  InvalidRequestError,
  KindRegistry,
  SubmitTask,
  UnknownModelError,
  USUAL_PRIORITY,
  WrongDomainError,
  type Violation,
} from '../../tasks/index.js';
import { type Caller, CurrentCaller } from '../access/caller.js';
import { RequireScope } from '../access/route-access.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http.options.js';
import { NothingHereError } from '../problems/wire.errors.js';
import { readBody } from '../request/read-body.js';
import { noQuery, type RawQuery } from '../request/query-reader.js';
import { SubmitBody } from './submit-body.js';
import { TaskPresenter } from './task-presenter.js';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

@Controller('v1/:domain/tasks')
export class SubmitController {
  constructor(
    private readonly commands: CommandBus,
    private readonly kinds: KindRegistry,
    private readonly tasks: TaskPresenter,
    @Inject(HTTP_OPTIONS) private readonly options: HttpOptions,
  ) {}

  /** 202 means: the intent is in the log. */
  @Post()
  @HttpCode(202)
  @RequireScope('tasks:write', 'json')
  async submit(
    @Param('domain') domain: string,
    @Query() query: RawQuery,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Body() json: Json,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    if (!this.kinds.has(domain)) throw new NothingHereError('There is no such domain.');
    noQuery(query);
    const body = this.checkedBody(domain, json, idempotencyKey);
    const { task, isReplay } = await this.commands.execute(
      new SubmitTask(
        caller.owner,
        domain,
        {
          model: body.model,
          input: body.input,
          metadata: body.metadata ?? null,
          notifyUrl: body.notify_url ?? null,
          priority: body.priority ?? USUAL_PRIORITY,
        },
        json,
        idempotencyKey ?? null,
        caller.cause,
      ),
    );
    void reply.header('location', `/v1/tasks/${task.id}`);
    if (isReplay) void reply.header('idempotency-replayed', 'true');
    return this.tasks.json(task);
  }

  /** The core checks the input of a body that is otherwise in order; else both are reported here, at once. */
  private checkedBody(domain: string, json: Json, idempotencyKey: string | undefined): SubmitBody {
    const { body, violations } = readBody(SubmitBody, json);
    if (idempotencyKey !== undefined && !VISIBLE_ASCII.test(idempotencyKey)) {
      violations.push({
        pointer: '/headers/idempotency-key',
        code: 'pattern',
        message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
      });
    }
    violations.push(...this.ofNotifyUrl(body.notify_url, violations));
    if (violations.length === 0) return body;
    throw new InvalidRequestError([...violations, ...this.ofInput(domain, body, violations)]);
  }

  /** Where a name leads is checked when a notification is sent; what shows already is refused at once. */
  private ofNotifyUrl(url: string | null | undefined, found: readonly Violation[]): Violation[] {
    if (url == null || found.some(({ pointer }) => pointer === '' || pointer === '/notify_url')) return [];
    if (urlFlaw(url, this.options.allowPrivateNotifyUrls ? 'inner' : 'public') === null) return [];
    return [
      {
        pointer: '/notify_url',
        code: 'private_host',
        message:
          'notify_url must name a host of the internet: notifications are not sent into a private network.',
      },
    ];
  }

  private ofInput(domain: string, body: SubmitBody, found: readonly Violation[]): readonly Violation[] {
    const isWrong = (pointer: string): boolean => found.some((violation) => violation.pointer === pointer);
    if (isWrong('') || isWrong('/model')) return [];
    try {
      const verdict = isWrong('/input')
        ? null
        : this.kinds.modelOf(domain, body.model).model.check(body.input);
      return !verdict || verdict.valid ? [] : verdict.violations;
    } catch (error) {
      if (!(error instanceof UnknownModelError || error instanceof WrongDomainError)) throw error;
      return [{ pointer: '/model', code: error.code, message: error.message }];
    }
  }
}
