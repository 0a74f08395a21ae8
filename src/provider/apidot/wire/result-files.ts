import { parseUrl } from '../../../shared/parse-url.js';
import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import { type ResultFile } from '../../../tasks/index.js';
import { boundedText, LABEL_LIMIT } from './bounded-text.js';
import { wireNumber } from './wire-number.js';

/** A result file with the provider's own id of it (`audio_id`), which follow-up models of music ask for. */
export interface ApidotFile extends ResultFile {
  readonly providerFileId: string | null;
}

/** No model yields more than a few dozen files; a body of 1 MiB could name tens of thousands. */
const MAX_FILES = 200;

/** Signed URLs run to about 2,000 characters; what is much longer is no address. */
const MAX_URL_LENGTH = 8_192;

/**
 * The URL fields of a music detail entry and what each holds. `image_url` is not among them: beside audio it is only
 * the picture on the sleeve.
 */
const MUSIC_FIELDS = [
  { field: 'audio_url', type: 'audio', label: null },
  { field: 'wav_url', type: 'audio', label: 'wav' },
  { field: 'vocals_url', type: 'audio', label: 'vocals' },
  { field: 'instrumental_url', type: 'audio', label: 'instrumental' },
  { field: 'video_url', type: 'video', label: null },
  { field: 'midi_url', type: 'file', label: 'midi' },
] as const;

/**
 * Result files of a payload, from `files` or `output.files` (sources disagree on the place; the fuller one counts).
 *
 * Entries without a usable http(s) URL are left out, so that they count as missing.
 */
export const readFiles = (payload: JsonObject): ApidotFile[] => {
  const direct = readList(payload.files);
  const nested = isJsonObject(payload.output) ? readList(payload.output.files) : [];
  return nested.length > direct.length ? nested : direct;
};

const readList = (list: unknown): ApidotFile[] =>
  Array.isArray(list)
    ? list.slice(0, MAX_FILES).filter(isJsonObject).flatMap(readEntry).slice(0, MAX_FILES)
    : [];

const readEntry = (entry: JsonObject): ApidotFile[] => {
  const type = boundedText(entry.file_type, LABEL_LIMIT) ?? 'file';
  if (isHttpUrl(entry.file_url)) {
    return [file(entry, entry.file_url, type, boundedText(entry.label, LABEL_LIMIT))];
  }
  const music = MUSIC_FIELDS.flatMap(({ field, type: musicType, label }) => {
    const url = entry[field];
    return isHttpUrl(url) ? [file(entry, url, musicType, label)] : [];
  });
  if (music.length > 0) return music;
  // A cover made for a track is an entry with nothing but a picture.
  return isHttpUrl(entry.image_url) ? [file(entry, entry.image_url, 'image', null)] : [];
};

const file = (entry: JsonObject, url: string, type: string, label: string | null): ApidotFile => ({
  url,
  type,
  label,
  format: boundedText(entry.format, LABEL_LIMIT),
  contentType: boundedText(entry.content_type, LABEL_LIMIT),
  size: sizeOf(entry.file_size),
  providerFileId: boundedText(entry.audio_id, LABEL_LIMIT),
});

const sizeOf = (value: unknown): number | null => {
  const size = wireNumber(value);
  return size !== null && Number.isSafeInteger(size) && size >= 0 ? size : null;
};

/** The URL is kept as it came: normalising it could break a signature. */
const isHttpUrl = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= MAX_URL_LENGTH &&
  // eslint-disable-next-line no-control-regex -- the URL parser drops tabs and newlines silently; we keep the raw text
  /^https?:\/\/[^\s\u0000-\u001f\u007f]+$/i.test(value) &&
  !/\p{Surrogate}/u.test(value) &&
  parseUrl(value) !== null;
