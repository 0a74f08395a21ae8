import { Controller, Get, Param, Query } from '@nestjs/common';
import { KindRegistry } from '../../tasks/index.js';
import { AnyKey } from '../access/route-access.js';
import { NothingHereError } from '../problems/wire.errors.js';
import { noQuery, QueryReader, type RawQuery } from '../request/query-reader.js';
import { modelJson } from './model-json.js';

/** What can be generated, and what a valid input is. */
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly kinds: KindRegistry) {}

  @Get()
  @AnyKey()
  list(@Query() raw: RawQuery): object {
    const query = new QueryReader(raw);
    const kinds = this.kinds.all();
    const domains = query.words(
      'domain',
      kinds.map(({ domain }) => domain),
    );
    query.finish();
    const shown = kinds.filter(({ domain }) => domains?.includes(domain) ?? true);
    return { data: shown.flatMap((kind) => kind.models.map((model) => modelJson(kind, model))) };
  }

  @Get(':model')
  @AnyKey()
  get(@Param('model') name: string, @Query() query: RawQuery): object {
    noQuery(query);
    const found = this.kinds.findModel(name);
    if (!found) throw new NothingHereError('There is no such model. See GET /v1/models.');
    return modelJson(found.kind, found.model);
  }
}
