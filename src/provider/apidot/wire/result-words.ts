import { isJsonObject, type Json, type JsonObject } from '../../../shared/json.js';

/**
 * Results in words, by the names of APIDot's site client. They are seen in entries of the music detail; whether the status
 * answer has them, and where, is not published, so all places are looked at.
 */
const WORD_FIELDS = ['lyrics', 'timestamped_lyrics', 'enhanced_style', 'persona_id'] as const;

/** Whether a payload, its `output` or an entry of their `files` holds a result in words. */
export const hasWords = (payload: JsonObject): boolean =>
  [payload, payload.output]
    .filter(isJsonObject)
    .flatMap((place) => [place, ...(Array.isArray(place.files) ? place.files.filter(isJsonObject) : [])])
    .some((place) => WORD_FIELDS.some((field) => isFilled(place[field])));

const isFilled = (value: Json | undefined): boolean =>
  Array.isArray(value) ? value.length > 0 : typeof value === 'string' && value.trim() !== '';
