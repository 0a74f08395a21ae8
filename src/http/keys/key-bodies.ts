import { buildMessage, IsDefined, IsOptional, ValidateBy } from 'class-validator';
import {
  isKeyName,
  isOwnerName,
  isScope,
  KEY_NAME_WANTS,
  OWNER_NAME_WANTS,
  SCOPES,
} from '../../access/index.js';
import { parseInstant } from '../../shared/parse-instant.js';

/** Keys stay usable for longer than this only when they have no end at all. */
export const LONGEST_OVERLAP_S = 90 * 86_400;

const check = (name: string, validate: (value: unknown) => boolean, wants: string): PropertyDecorator =>
  ValidateBy({ name, validator: { validate, defaultMessage: buildMessage(() => wants) } });

const isOwner = (value: unknown): boolean => typeof value === 'string' && isOwnerName(value);

const areScopes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= SCOPES.length &&
  value.every((scope) => typeof scope === 'string' && isScope(scope));

const isName = (value: unknown): boolean => typeof value === 'string' && isKeyName(value);

const isAhead = (value: unknown): boolean => {
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  return instant !== null && instant.getTime() > Date.now();
};

const isOverlap = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LONGEST_OVERLAP_S;

/** The body that asks for a key. */
export class CreateKeyBody {
  @IsDefined({ message: 'owner is required.' })
  @check('pattern', isOwner, `owner must be ${OWNER_NAME_WANTS}.`)
  owner: string;

  @IsDefined({ message: 'scopes is required.' })
  @check('enum', areScopes, `scopes must be a list of ${SCOPES.join(', ')}, each once.`)
  scopes: string[];

  @IsOptional()
  @check('maxLength', isName, `name must be ${KEY_NAME_WANTS}.`)
  name?: string | null;

  @IsOptional()
  @check('format', isAhead, 'expires_at must be a time ahead, like 2026-12-31T23:59:00.000Z.')
  expires_at?: string | null;
}

/** The body of a rotation. */
export class RotateKeyBody {
  @IsOptional()
  @check(
    'max',
    isOverlap,
    `overlap_seconds must be a whole number from 0 to ${LONGEST_OVERLAP_S}: how long both keys open.`,
  )
  overlap_seconds?: number | null;
}
