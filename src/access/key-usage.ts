import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { Repository } from 'typeorm';
import { LAST_WRITE_MS, withDeadline } from '../shared/with-deadline.js';
import { DATA_SOURCE } from '../database/index.js';
import { type Clock } from '../shared/clock.js';
import { ACCESS_CLOCK } from './access.tokens.js';
import { type ApiKey } from './api-key.js';
import { ApiKeyEntity } from './api-key.entity.js';

/** A key in constant use costs one small update in this time. */
const WRITE_EVERY_MS = 60_000;

/** Notes when keys are used, behind the requests. A note that cannot be written is lost: nothing depends on it. */
@Injectable()
export class KeyUsage implements BeforeApplicationShutdown {
  private readonly notedAt = new LRUCache<string, number>({ max: 10_000 });
  private readonly writing = new Set<Promise<unknown>>();

  constructor(
    @InjectRepository(ApiKeyEntity, DATA_SOURCE) private readonly keys: Repository<ApiKeyEntity>,
    @Inject(ACCESS_CLOCK) private readonly clock: Clock,
  ) {}

  note({ id, lastUsedAt }: ApiKey): void {
    const now = this.clock.now();
    const last = this.notedAt.get(id) ?? lastUsedAt?.getTime() ?? -Infinity;
    if (Math.abs(now.getTime() - last) < WRITE_EVERY_MS) return;
    this.notedAt.set(id, now.getTime());
    const write = this.keys.update({ id }, { lastUsedAt: now }).catch(() => undefined);
    this.writing.add(write);
    void write.finally(() => this.writing.delete(write));
  }

  /** Resolves when everything noted so far is written. */
  async settled(): Promise<void> {
    await Promise.all(this.writing);
  }

  beforeApplicationShutdown(): Promise<void> {
    return withDeadline(this.settled(), LAST_WRITE_MS);
  }
}
