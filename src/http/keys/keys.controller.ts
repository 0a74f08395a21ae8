import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { KeyService } from '../../access/index.js';
import { isUuid } from '../../shared/ids.js';
import { type Json } from '../../shared/json.js';
import { type Caller, CurrentCaller } from '../access/caller.js';
import { RequireScope } from '../access/route-access.js';
import { checkedBody } from '../request/read-body.js';
import { noQuery, QueryReader, type RawQuery } from '../request/query-reader.js';
import { EmptyBody } from '../tasks/operation-bodies.js';
import { CreateKeyBody, RotateKeyBody } from './key-bodies.js';
import { createdKeyJson, keyJson } from './key-json.js';

const OVERLAP_S = 86_400;

/** API keys of every owner, for admins. Which owner is meant stands in the request itself; X-Owner changes nothing here. */
@Controller('v1/keys')
export class KeysController {
  constructor(private readonly keys: KeyService) {}

  @Get()
  @RequireScope('admin')
  async list(@Query() raw: RawQuery): Promise<object> {
    const query = new QueryReader(raw);
    const owner = query.text('owner', 100);
    const limit = query.integer('limit', 1, 200) ?? 50;
    const cursor = query.text('cursor', 100);
    if (cursor !== undefined && !isUuid(cursor))
      query.refuse('cursor', 'format', 'is not a next_cursor of this list');
    query.finish();
    // One more than asked tells whether there is a next page.
    const found = await this.keys.list({ owner, after: cursor, limit: limit + 1 });
    const page = found.slice(0, limit);
    const now = new Date();
    return {
      data: page.map((key) => keyJson(key, now)),
      next_cursor: found.length > limit ? page.at(-1)!.id : null,
    };
  }

  /** The only answer that ever shows this key. */
  @Post()
  @HttpCode(201)
  @RequireScope('admin', 'json')
  async create(
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    const { owner, scopes, name, expires_at: expires } = checkedBody(CreateKeyBody, json);
    const made = await this.keys.create({
      owner,
      scopes,
      name: name ?? null,
      expiresAt: expires == null ? null : new Date(expires),
      by: cause.actor,
    });
    return createdKeyJson(made, new Date());
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @RequireScope('admin', 'optional-json')
  async revoke(
    @Param('id') id: string,
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    checkedBody(EmptyBody, json);
    return keyJson(await this.keys.revoke(id, cause.actor), new Date());
  }

  /** A new key beside the old one, which ends after the overlap. */
  @Post(':id/rotate')
  @HttpCode(201)
  @RequireScope('admin', 'optional-json')
  async rotate(
    @Param('id') id: string,
    @Query() query: RawQuery,
    @Body() json: Json,
    @CurrentCaller() { cause }: Caller,
  ): Promise<object> {
    noQuery(query);
    const { overlap_seconds: overlap } = checkedBody(RotateKeyBody, json);
    const { created, replaced } = await this.keys.rotate(id, (overlap ?? OVERLAP_S) * 1_000, cause.actor);
    const now = new Date();
    return { ...createdKeyJson(created, now), replaced: keyJson(replaced, now) };
  }
}
