import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EvidenceFileError, UnreadableExportError } from '../audit/audit.errors.js';
import { type BatchEnd, BatchWalk, type EventRow } from '../audit/verify/batch-walk.js';
import { type Finding } from '../audit/verify/finding.js';
import { type ArchiveHeader, parseHeader, parseLine } from './archive-file.js';

/** What a file of archived events says, as far as it could be checked alone. */
export interface ReadArchive {
  readonly header: ArchiveHeader;
  /** Everything from the first position up to here was checked. */
  readonly checkedTo: number;
  readonly events: number;
  readonly batches: number;
  /** The end of the last batch that was checked, lower-case hex. */
  readonly chain: string;
  /** Of the file as it is; null when it could not be read to its end. */
  readonly sha256: string | null;
  readonly bytes: number;
  /** The first thing that is wrong; empty: the file agrees with itself. */
  readonly findings: readonly Finding[];
}

/** True for a file that begins like an archive, compressed or not. False when it cannot be read. */
export const isArchive = async (path: string): Promise<boolean> => {
  const start = await firstBytes(path).catch(() => Buffer.alloc(0));
  return isCompressed(start) || start.toString('utf8').startsWith('{"genledger_log_archive"');
};

/**
 * Computes hashes, digests and chain of an archive again, from the file alone. Line by line: memory does not grow with it.
 *
 * @param onEvent told of every event that was checked
 * @throws EvidenceFileError it cannot be read, or is not an archive
 */
export const readArchive = async (
  path: string,
  onEvent: (event: EventRow) => void = () => undefined,
): Promise<ReadArchive> => {
  const measure = new Measure();
  const lines = linesOf(path, measure);
  const header = await readHeader(path, lines);
  const check = new ArchiveCheck(header, onEvent);
  try {
    for await (const text of lines) {
      check.take(text);
      if (check.findings.length > 0) break;
    }
    check.close();
  } catch (error) {
    check.unreadable(error as Error);
  }
  const sha256 = check.findings.length > 0 ? null : measure.sha256();
  return { header, ...check.result(), sha256, bytes: measure.bytes };
};

const readHeader = async (path: string, lines: AsyncGenerator<string>): Promise<ArchiveHeader> => {
  try {
    const first = await lines.next();
    if (first.done === true) throw new UnreadableExportError('it is empty');
    return parseHeader(first.value);
  } catch (error) {
    throw new EvidenceFileError(path, error);
  }
};

/** Follows the lines behind the header. */
class ArchiveCheck {
  readonly findings: Finding[] = [];
  private before: BatchEnd;
  private walk: BatchWalk | null = null;
  private open: BatchEnd | null = null;
  private events = 0;
  private batches = 0;
  private hasEnded = false;

  constructor(
    private readonly header: ArchiveHeader,
    private readonly onEvent: (event: EventRow) => void,
  ) {
    this.before = header.before;
    if (header.before.lastPosition + 1 !== header.firstPosition)
      this.wrong(header.firstPosition, 'Its first line contradicts itself.');
  }

  take(text: string): void {
    const line = parseLine(text);
    if (this.hasEnded) return this.wrong(this.next, 'Something stands behind its end.');
    switch (line.is) {
      case 'event': {
        if (this.walk === null)
          return this.wrong(line.event.position, 'An event stands in front of its batch.');
        const fault = this.walk.take(line.event);
        if (fault !== null) return this.add(fault);
        this.events += 1;
        return this.onEvent(line.event);
      }
      case 'batch': {
        this.closeBatch();
        this.walk = new BatchWalk(this.before, [line.batch]);
        this.open = line.batch;
        this.batches += 1;
        return;
      }
      case 'end': {
        this.closeBatch();
        this.hasEnded = true;
        if (line.events !== this.events || line.batches !== this.batches)
          this.wrong(this.next, 'Its last line counts other events or batches.');
      }
    }
  }

  /** After the last line. */
  close(): void {
    if (this.findings.length > 0) return;
    if (!this.hasEnded || this.before.lastPosition !== this.header.lastPosition)
      this.wrong(this.next, `It ends before position ${this.header.lastPosition}.`);
  }

  unreadable(error: Error): void {
    this.wrong(this.next, `It cannot be read from here on (${error.message.replace(/\.$/, '')}).`);
  }

  result(): Pick<ReadArchive, 'checkedTo' | 'events' | 'batches' | 'chain' | 'findings'> {
    const { events, batches, before, findings } = this;
    return {
      events,
      batches,
      checkedTo: before.lastPosition,
      chain: before.chain.toString('hex'),
      findings,
    };
  }

  private closeBatch(): void {
    const fault = this.walk?.end() ?? null;
    if (fault !== null) this.add(fault);
    else if (this.open !== null) this.before = this.open;
    this.walk = this.open = null;
  }

  private get next(): number {
    return this.header.firstPosition + this.events;
  }

  private add({ position, fault, message }: Finding): void {
    this.findings.push({ position, fault, message: `In the archive: ${message}` });
  }

  private wrong(position: number, message: string): void {
    this.add({ position, fault: 'archive', message });
  }
}

/** Lines end with a line feed and nothing else: texts of events may contain other separators. */
async function* linesOf(path: string, measure: Measure): AsyncGenerator<string> {
  const compressed = isCompressed(await firstBytes(path));
  const file = createReadStream(path);
  const measured = file.pipe(measure);
  const plain = compressed ? measured.pipe(createGunzip()) : measured;
  file.on('error', (error) => plain.destroy(error));
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const piece of plain) {
      const lines = (rest + decoder.write(piece as Buffer)).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } finally {
    file.destroy();
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

/** Hash and size of what goes through. */
class Measure extends Transform {
  bytes = 0;
  private readonly hash = createHash('sha256');

  sha256(): string {
    return this.hash.digest('hex');
  }

  override _transform(piece: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.bytes += piece.length;
    this.hash.update(piece);
    done(null, piece);
  }
}

const firstBytes = async (path: string): Promise<Buffer> => {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

const isCompressed = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b;
