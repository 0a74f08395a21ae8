import {
  buildMessage,
  IsDefined,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateBy,
} from 'class-validator';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { urlFlaw } from '../../shared/outer-url.js';
import { PRIORITIES, type Priority } from '../../tasks/index.js';

const MOST_PAIRS = 50;
const LONGEST_KEY = 100;
const MOST_METADATA_BYTES = 16_384;
const LONGEST_URL = 2_048;

/** The caller's own words about a task: stored sealed, found by pair. */
const isMetadata = (value: unknown): boolean =>
  isJsonObject(value) &&
  Object.keys(value).length <= MOST_PAIRS &&
  Object.keys(value).every((key) => key.length >= 1 && key.length <= LONGEST_KEY) &&
  Buffer.byteLength(JSON.stringify(value)) <= MOST_METADATA_BYTES;

/** A whole number beyond 2^53 has been rounded when its text was read: an order number would come back as another one. */
const isExact = (value: unknown): boolean => {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
};

/** By form; whether its host is allowed, the controller says. */
const isHttpUrl = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= LONGEST_URL && urlFlaw(value, 'any') === null;

const IsMetadata = (): PropertyDecorator =>
  ValidateBy({
    name: 'metadata',
    validator: {
      validate: isMetadata,
      defaultMessage: buildMessage(
        (each) =>
          `${each}metadata must be an object of at most ${MOST_PAIRS} keys of 1 to ${LONGEST_KEY} characters and ${MOST_METADATA_BYTES} bytes as JSON.`,
      ),
    },
  });

const HasExactNumbers = (): PropertyDecorator =>
  ValidateBy({
    name: 'exactNumbers',
    validator: {
      validate: isExact,
      defaultMessage: buildMessage(
        (each) =>
          `${each}metadata cannot keep whole numbers beyond ${Number.MAX_SAFE_INTEGER} exactly; send them as text.`,
      ),
    },
  });

const IsHttpUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'url',
    validator: {
      validate: isHttpUrl,
      defaultMessage: buildMessage(
        (each) =>
          `${each}notify_url must be an http or https URL without credentials, of at most ${LONGEST_URL} characters.`,
      ),
    },
  });

/** The body of a submit. What a valid `input` is, the model says. */
export class SubmitBody {
  @IsDefined({ message: 'model is required.' })
  @IsString({ message: 'model must be text.' })
  @MinLength(1, { message: 'model must not be empty.' })
  @MaxLength(200, { message: 'model has at most 200 characters.' })
  model: string;

  @IsDefined({ message: 'input is required.' })
  @IsObject({ message: 'input must be an object.' })
  input: JsonObject;

  @IsOptional()
  @IsMetadata()
  @HasExactNumbers()
  metadata?: JsonObject | null;

  @IsOptional()
  @IsHttpUrl()
  notify_url?: string | null;

  @IsOptional()
  @IsIn(PRIORITIES, { message: `priority must be one of ${PRIORITIES.join(', ')}.` })
  priority?: Priority | null;
}
