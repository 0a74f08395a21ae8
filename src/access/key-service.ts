import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { DATA_SOURCE } from '../database/index.js';
import { type Clock } from '../shared/clock.js';
import { isUuid, uuidv7 } from '../shared/ids.js';
import { ACCESS_CLOCK } from './access.tokens.js';
import { InvalidKeyError, KeyNotFoundError, KeysUnavailableError } from './access.errors.js';
import { type ApiKey, type CreatedKey, type NewKey } from './api-key.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { KeyCache } from './key-cache.js';
import { digestOf, isKeyText, newKeyText } from './key-text.js';
import { KeyUsage } from './key-usage.js';
import { isOwnerName, OWNER_NAME_WANTS } from './owner-name.js';
import { isScope, SCOPES, type Scope } from './scopes.js';

const LONGEST_NAME = 200;

/** Makes, lists, revokes and recognises API keys. */
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
    const { id, owner, scopes } = await this.insert(key, wish);
    return { id, owner, scopes, key };
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

  /** All keys, revoked ones too, oldest first. */
  async list(owner?: string): Promise<ApiKey[]> {
    const found = await this.keys.find({ where: owner === undefined ? {} : { owner }, order: { id: 'ASC' } });
    return found.map(toApiKey);
  }

  /**
   * Ends a key, within seconds on every replica. Revoking again changes nothing.
   *
   * @throws KeyNotFoundError
   */
  async revoke(id: string): Promise<ApiKey> {
    if (!isUuid(id)) throw new KeyNotFoundError(id);
    await this.keys.update({ id, revokedAt: IsNull() }, { revokedAt: this.clock.now() });
    this.cache.clear();
    const found = await this.keys.findOneBy({ id });
    if (!found) throw new KeyNotFoundError(id);
    return toApiKey(found);
  }

  /**
   * Whose key this is; null when it is nobody's, revoked or expired. The answer may be as old as the cache allows.
   *
   * @throws KeysUnavailableError when the database does not answer
   */
  async authenticate(key: string): Promise<ApiKey | null> {
    if (!isKeyText(key)) return null;
    const found = await this.cache.get(digestOf(key));
    if (!found || found.revokedAt || isPast(found.expiresAt, this.clock.now())) return null;
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
    const entity = this.keys.create({
      ...checked(wish),
      id: uuidv7(),
      digest: digestOf(key),
      createdAt: this.clock.now(),
      revokedAt: null,
      lastUsedAt: null,
    });
    // Two processes that start at once may both bring the development key.
    await this.keys.createQueryBuilder().insert().values(entity).orIgnore().execute();
    this.cache.clear();
    return toApiKey((await this.keys.findOneBy({ digest: entity.digest }))!);
  }
}

const checked = ({
  owner,
  scopes,
  name,
  expiresAt,
}: NewKey): Omit<NewKey, 'scopes'> & { scopes: Scope[] } => {
  if (!isOwnerName(owner)) throw new InvalidKeyError(`The owner of a key is ${OWNER_NAME_WANTS}.`);
  const unknown = scopes.filter((scope) => !isScope(scope));
  if (scopes.length === 0 || unknown.length > 0) {
    const got = unknown.length > 0 ? ` Unknown: ${unknown.join(', ')}.` : '';
    throw new InvalidKeyError(`A key has at least one of the scopes ${SCOPES.join(', ')}.${got}`);
  }
  if (name && name.length > LONGEST_NAME)
    throw new InvalidKeyError(`The name of a key has at most ${LONGEST_NAME} characters.`);
  return { owner, scopes: [...new Set(scopes as Scope[])], name: name ?? null, expiresAt: expiresAt ?? null };
};

const isPast = (instant: Date | null, now: Date): boolean => instant !== null && instant <= now;

const toApiKey = ({
  id,
  owner,
  scopes,
  name,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
}: ApiKeyEntity): ApiKey => ({
  id,
  owner,
  // A scope of a later version means nothing to this one.
  scopes: scopes.filter(isScope),
  name,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
});
