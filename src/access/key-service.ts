import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsWhere, IsNull, MoreThan, Repository } from 'typeorm';
import { DATA_SOURCE } from '../database/index.js';
import { type Clock } from '../shared/clock.js';
import { isUuid, uuidv7 } from '../shared/ids.js';
import { ACCESS_CLOCK } from './access.tokens.js';
import { InvalidKeyError, KeyEndedError, KeyNotFoundError, KeysUnavailableError } from './access.errors.js';
import { type ApiKey, type CreatedKey, keyStatus, type NewKey, type RotatedKey } from './api-key.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { KeyCache } from './key-cache.js';
import { digestOf, isKeyText, newKeyText } from './key-text.js';
import { KeyUsage } from './key-usage.js';
import { isOwnerName, OWNER_NAME_WANTS } from './owner-name.js';
import { isScope, SCOPES, type Scope } from './scopes.js';

export const LONGEST_KEY_NAME = 200;
export const KEY_NAME_WANTS = `text of 1 to ${LONGEST_KEY_NAME} characters, without NUL and lone surrogates`;

/** What the database can keep as it is. */
export const isKeyName = (name: string): boolean =>
  name.length >= 1 && name.length <= LONGEST_KEY_NAME && name.isWellFormed() && !name.includes('\0');

/** A part of the keys, oldest first. */
export interface KeyPage {
  readonly owner?: string;
  /** Behind the key with this id. */
  readonly after?: string;
  readonly limit?: number;
}

/** Makes, lists, rotates, revokes and recognises API keys. */
@Injectable()
export class KeyService {
  private readonly cache: KeyCache;

  constructor(
    @InjectRepository(ApiKeyEntity, DATA_SOURCE) private readonly keys: Repository<ApiKeyEntity>,
    private readonly usage: KeyUsage,
    @Inject(ACCESS_CLOCK) private readonly clock: Clock,
  ) {
    this.cache = new KeyCache((digest) => this.find(digest), clock);
  }

  /**
   * Makes a key. It is in the answer and nowhere else.
   *
   * @throws InvalidKeyError for an owner name or a scope that does not exist
   */
  async create(wish: NewKey): Promise<CreatedKey> {
    const key = newKeyText();
    return { ...(await this.insert(key, wish)), key };
  }

  /**
   * Lets this very key in: the development key, kept in a file. Does nothing when it is known already, also when it was
   * revoked.
   *
   * @throws InvalidKeyError when it has not the form of our keys
   */
  async ensure(key: string, wish: NewKey): Promise<ApiKey> {
    if (!isKeyText(key)) throw new InvalidKeyError('The given key has not the form gl_ and 43 characters.');
    return (await this.find(digestOf(key))) ?? (await this.insert(key, wish));
  }

  /** Keys, ended ones too, oldest first. */
  async list({ owner, after, limit }: KeyPage = {}): Promise<ApiKey[]> {
    const where: FindOptionsWhere<ApiKeyEntity> = {
      ...(owner !== undefined && { owner }),
      ...(after !== undefined && { id: MoreThan(after) }),
    };
    const found = await this.keys.find({ where, order: { id: 'ASC' }, take: limit });
    return found.map(toApiKey);
  }

  /**
   * Ends a key, within seconds on every replica. Revoking again changes nothing.
   *
   * @param by who asks, as events name actors
   * @throws KeyNotFoundError
   */
  async revoke(id: string, by: string | null = null): Promise<ApiKey> {
    if (!isUuid(id)) throw new KeyNotFoundError(id);
    await this.keys.update({ id, revokedAt: IsNull() }, { revokedAt: this.clock.now(), revokedBy: by });
    this.cache.clear();
    const found = await this.keys.findOneBy({ id });
    if (!found) throw new KeyNotFoundError(id);
    return toApiKey(found);
  }

  /**
   * Makes a key with the owner, scopes and name of another, and lets that one expire after the overlap, so that nobody who
   * changes keys within it is refused. A key that was made to last for a time is followed by one that lasts as long.
   *
   * @param overlapMs how long both open; an earlier end of the old key stays
   * @param by who asks, as events name actors
   * @throws KeyNotFoundError
   * @throws KeyEndedError when the old key opens nothing any more
   */
  async rotate(id: string, overlapMs: number, by: string | null = null): Promise<RotatedKey> {
    if (!isUuid(id)) throw new KeyNotFoundError(id);
    const key = newKeyText();
    const rotated = await this.keys.manager.transaction(async (manager) => {
      const keys = manager.getRepository(ApiKeyEntity);
      const old = await keys.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!old) throw new KeyNotFoundError(id);
      const now = this.clock.now();
      if (keyStatus(old, now) !== 'active') throw new KeyEndedError(id);
      const { owner, scopes, name, createdAt } = old;
      const lasts = old.expiresAt && old.expiresAt.getTime() - createdAt.getTime();
      const made = keys.create({
        ...newRow(key, { owner, scopes, name, by }, now),
        expiresAt: lasts === null ? null : new Date(now.getTime() + lasts),
        replaces: id,
      });
      await keys.insert(made);
      old.expiresAt = earlier(old.expiresAt, new Date(now.getTime() + overlapMs));
      await keys.update({ id }, { expiresAt: old.expiresAt });
      return { created: { ...toApiKey(made), key }, replaced: toApiKey(old) };
    });
    this.cache.clear();
    return rotated;
  }

  /**
   * Whose key this is; null when it is nobody's, revoked or expired. The answer may be as old as the cache allows.
   *
   * @throws KeysUnavailableError when the database does not answer
   */
  async authenticate(key: string): Promise<ApiKey | null> {
    if (!isKeyText(key)) return null;
    const found = await this.cache.get(digestOf(key));
    if (!found || keyStatus(found, this.clock.now()) !== 'active') return null;
    this.usage.note(found);
    return found;
  }

  private async find(digest: Buffer): Promise<ApiKey | null> {
    let found: ApiKeyEntity | null;
    try {
      found = await this.keys.findOneBy({ digest });
    } catch (error) {
      throw new KeysUnavailableError(error);
    }
    return found && timingSafeEqual(found.digest, digest) ? toApiKey(found) : null;
  }

  private async insert(key: string, wish: NewKey): Promise<ApiKey> {
    const entity = this.keys.create(newRow(key, checked(wish), this.clock.now()));
    // Two processes that start at once may both bring the development key.
    await this.keys.createQueryBuilder().insert().values(entity).orIgnore().execute();
    this.cache.clear();
    return toApiKey((await this.keys.findOneBy({ digest: entity.digest }))!);
  }
}

type CheckedKey = Omit<NewKey, 'scopes'> & { readonly scopes: Scope[] };

const checked = (wish: NewKey): CheckedKey => {
  const { owner, scopes, name } = wish;
  if (!isOwnerName(owner)) throw new InvalidKeyError(`The owner of a key is ${OWNER_NAME_WANTS}.`);
  const unknown = scopes.filter((scope) => !isScope(scope));
  if (scopes.length === 0 || unknown.length > 0) {
    const got = unknown.length > 0 ? ` Unknown: ${unknown.join(', ')}.` : '';
    throw new InvalidKeyError(`A key has at least one of the scopes ${SCOPES.join(', ')}.${got}`);
  }
  if (name && !isKeyName(name)) throw new InvalidKeyError(`The name of a key is ${KEY_NAME_WANTS}.`);
  return { ...wish, scopes: [...new Set(scopes as Scope[])] };
};

const newRow = (
  key: string,
  { owner, scopes, name, expiresAt, by }: CheckedKey,
  now: Date,
): ApiKeyEntity => ({
  id: uuidv7(),
  digest: digestOf(key),
  owner,
  scopes,
  name: name ?? null,
  createdAt: now,
  createdBy: by ?? null,
  expiresAt: expiresAt ?? null,
  revokedAt: null,
  revokedBy: null,
  lastUsedAt: null,
  replaces: null,
});

const earlier = (a: Date | null, b: Date): Date => (a !== null && a < b ? a : b);

const toApiKey = ({ digest: _digest, ...key }: ApiKeyEntity): ApiKey => ({
  ...key,
  // A scope of a later version means nothing to this one.
  scopes: key.scopes.filter(isScope),
});
