import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { type Json } from '../../shared/json.js';
import { OwnerEraser } from '../../tasks/index.js';
import { type Caller, CurrentCaller } from '../access/caller.js';
import { RequireScope } from '../access/route-access.js';
import { noQuery, type RawQuery } from '../request/query-reader.js';
import { EraseBody, ERASED_NOTICE } from './operation-bodies.js';
import { checkedBody } from '../request/read-body.js';

/** So that one request never lasts for minutes. */
const MOST_AT_ONCE = 500;

/** Forgets a whole owner: the caller's own, or the one that X-Owner names. */
@Controller('v1/owner')
export class OwnerErasureController {
  constructor(private readonly eraser: OwnerEraser) {}

  /** Erases tasks that have ended, at most 500 a call; `has_more` says whether to call again. */
  @Post('erase')
  @HttpCode(200)
  @RequireScope('admin', 'optional-json')
  async erase(
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { owner, cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    const { reason } = checkedBody(EraseBody, json);
    const { erased, hasMore } = await this.eraser.erase(owner, reason, cause, MOST_AT_ONCE);
    return { object: 'owner_erasure', owner, erased, has_more: hasMore, notice: ERASED_NOTICE };
  }
}
