import { UnreadableExportError } from './audit.errors.js';
import { type LogSeal } from './log-seal.js';

/*
 * The evidence to keep outside the database: one JSON document, with one seal per line so that a person can read it too.
 *
 *   {"genledger_log_export":1,"log":"0197…","exported_at":"2026-11-23T10:00:00.000Z",
 *   "head":{"position":48230,"chain":"9f…"},"seals":[
 *   {"number":1,"position":5120,"chain":"…","recorded_at":"…","previous":"…","public_key":"<base64>","signature":"<base64>"}
 *   ]}
 *
 * `head` is where the log ended. It is not signed: it is worth as much as the place where the file is kept, and covers what
 * was not sealed yet. `public_key` is SubjectPublicKeyInfo in DER.
 */

/** What an export says of the log as a whole. */
export interface ExportHead {
  readonly logId: string;
  readonly exportedAt: Date;
  /** Where the log ended, and the chain there, lower-case hex. Position 0: it was empty. */
  readonly position: number;
  readonly chain: string;
}

export interface LogExport {
  readonly head: ExportHead;
  /** In order of number; without gaps, but not always from the first. */
  readonly seals: readonly LogSeal[];
}

const FORMAT = 1;

/** The document's text, line by line. */
export async function* exportText(head: ExportHead, seals: AsyncIterable<LogSeal>): AsyncGenerator<string> {
  const { logId, exportedAt, position, chain } = head;
  yield `{"genledger_log_export":${FORMAT},"log":"${logId}","exported_at":"${exportedAt.toISOString()}",\n`;
  yield `"head":${JSON.stringify({ position, chain })},"seals":[`;
  let separator = '\n';
  for await (const seal of seals) {
    yield separator + sealJson(seal);
    separator = ',\n';
  }
  yield '\n]}\n';
}

const sealJson = (seal: LogSeal): string =>
  JSON.stringify({
    number: seal.number,
    position: seal.position,
    chain: seal.chain,
    recorded_at: seal.recordedAt.toISOString(),
    previous: seal.previous,
    public_key: seal.publicKey.toString('base64'),
    signature: seal.signature.toString('base64'),
  });

/** @throws UnreadableExportError */
export const parseExport = (text: string): LogExport => {
  const fields = reader(parseJson(text), 'the document');
  if (fields.count('genledger_log_export') !== FORMAT) {
    throw new UnreadableExportError(`this program reads format ${FORMAT}`);
  }
  const head = reader(fields.object('head'), '"head"');
  const logId = fields.text('log');
  return {
    head: {
      logId,
      exportedAt: fields.instant('exported_at'),
      position: head.count('position'),
      chain: head.text('chain'),
    },
    seals: fields.list('seals').map((seal, index) => parseSeal(seal, `line ${index + 1} of "seals"`, logId)),
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UnreadableExportError('it is not JSON');
  }
};

const parseSeal = (value: unknown, place: string, logId: string): LogSeal => {
  const seal = reader(value, place);
  return {
    logId,
    number: seal.count('number'),
    position: seal.count('position'),
    chain: seal.text('chain'),
    recordedAt: seal.instant('recorded_at'),
    previous: seal.text('previous'),
    publicKey: Buffer.from(seal.text('public_key'), 'base64'),
    signature: Buffer.from(seal.text('signature'), 'base64'),
  };
};

/** Reads fields of an object, each of a certain form. */
const reader = (value: unknown, place: string) => {
  const fields = (typeof value === 'object' ? value : null) as Record<string, unknown> | null;
  const read = <T>(name: string, take: (field: unknown) => T | undefined): T => {
    const taken = take(fields?.[name]);
    if (taken === undefined)
      throw new UnreadableExportError(`"${name}" of ${place} is missing or of another form`);
    return taken;
  };
  return {
    text: (name: string) => read(name, (field) => (typeof field === 'string' ? field : undefined)),
    count: (name: string) =>
      read(name, (field) => (Number.isSafeInteger(field) && Number(field) >= 0 ? Number(field) : undefined)),
    instant: (name: string) =>
      read(name, (field) => {
        const instant = new Date(typeof field === 'string' ? field : NaN);
        return Number.isNaN(instant.getTime()) ? undefined : instant;
      }),
    object: (name: string) =>
      read(name, (field) => (typeof field === 'object' && field !== null ? field : undefined)),
    list: (name: string) =>
      read(name, (field) => (Array.isArray(field) ? (field as readonly unknown[]) : undefined)),
  };
};
