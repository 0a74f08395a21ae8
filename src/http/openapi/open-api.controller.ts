import { Controller, Get } from '@nestjs/common';
import { Public } from '../access/route-access.js';
import { OpenApiDocument } from './open-api-document.js';

@Controller('openapi.json')
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get()
  @Public()
  get(): object {
    return this.document.get();
  }
}
