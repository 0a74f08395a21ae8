import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type Json } from '../../shared/json.js';
import {
  Provider,
  ProviderAccount,
  ResumeAccount,
  TASKS_OPTIONS,
  type TasksOptions,
} from '../../tasks/index.js';
import { type Caller, CurrentCaller } from '../access/caller.js';
import { RequireScope } from '../access/route-access.js';
import { noQuery, type RawQuery } from '../request/query-reader.js';
import { checkedBody } from '../request/read-body.js';
import { EmptyBody } from '../tasks/operation-bodies.js';
import { accountJson } from './account-json.js';

/** The balance is nice to know; nobody waits longer for it. */
const BALANCE_WITHIN_MS = 3_000;

/** The account that pays at the provider: paused or not, and why. */
@Controller('v1/account')
export class AccountController {
  constructor(
    private readonly commands: CommandBus,
    private readonly account: ProviderAccount,
    private readonly provider: Provider,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  @Get()
  @RequireScope('operate')
  show(@Query() query: RawQuery): Promise<object> {
    noQuery(query);
    return this.json();
  }

  @Post('resume')
  @HttpCode(200)
  @RequireScope('admin', 'optional-json')
  async resume(
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    checkedBody(EmptyBody, json);
    await this.commands.execute(new ResumeAccount(cause));
    return this.json();
  }

  private async json(): Promise<object> {
    const [state, balance] = await Promise.all([this.account.refresh(), this.balance()]);
    return accountJson(state, {
      provider: this.provider.name,
      account: this.account.name,
      probeMs: this.options.accountProbeMs,
      balance,
    });
  }

  private async balance(): Promise<number | null> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<null>(
      (resolve) => (timer = setTimeout(() => resolve(null), BALANCE_WITHIN_MS)),
    );
    try {
      return await Promise.race([this.provider.balance().catch(() => null), patience]);
    } finally {
      clearTimeout(timer);
    }
  }
}
