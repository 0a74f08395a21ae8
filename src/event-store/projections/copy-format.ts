/*
 * COPY in its binary format: nothing is escaped, ids and numbers are a few bytes, and what is only carried through is
 * never decoded. https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.55.9.4
 *
 *   signature (11 bytes), flags (4), length of an extension (4) and the extension
 *   of each row: number of fields (2), of each field its length (4; -1 for null) and its bytes
 *   end: -1 as number of fields
 */

export type ColumnType = 'uuid' | 'text' | 'text[]' | 'json' | 'bytea' | 'integer' | 'bigint' | 'timestamptz';

export type ColumnValue = string | number | Date | Buffer | readonly string[] | null;

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
const FIELD_COUNT_BYTES = 2;
const TRAILER = -1;
const HEADER = Buffer.concat([SIGNATURE, Buffer.alloc(HEADER_BYTES - SIGNATURE.length)]);
const END = Buffer.of(0xff, 0xff);
const NULL_LENGTH = -1;
const TEXT_OID = 25;

/** Milliseconds from 1970 to 2000, where PostgreSQL counts from. */
const EPOCH_MS = 946_684_800_000;
const TWO_32 = 0x1_0000_0000;

/** A row as it lies in a buffer: where each of its fields is. Used again for the next one. */
export class CopyRow {
  bytes: Buffer = Buffer.alloc(0);
  /** Of the whole row in `bytes`. */
  begin = 0;
  end = 0;
  private readonly start: Int32Array;
  private readonly length: Int32Array;

  constructor(readonly fields: number) {
    this.start = new Int32Array(fields);
    this.length = new Int32Array(fields);
  }

  /** Finds the fields of the row that begins here. Answers false while the rest of it is still to come. */
  cut(bytes: Buffer, begin: number): boolean {
    let at = begin + FIELD_COUNT_BYTES;
    for (let field = 0; field < this.fields; field++) {
      if (at + 4 > bytes.length) return false;
      const size = bytes.readInt32BE(at);
      at += 4;
      this.start[field] = at;
      this.length[field] = size;
      if (size > 0) at += size;
    }
    if (at > bytes.length) return false;
    this.bytes = bytes;
    this.begin = begin;
    this.end = at;
    return true;
  }

  isNull(field: number): boolean {
    return this.length[field] === NULL_LENGTH;
  }

  /** Both are null, or have the same bytes. */
  equals(field: number, other: CopyRow): boolean {
    const size = this.length[field]!;
    if (size !== other.length[field]) return false;
    if (size <= 0) return true;
    const [at, otherAt] = [this.start[field]!, other.start[field]!];
    return this.bytes.compare(other.bytes, otherAt, otherAt + size, at, at + size) === 0;
  }

  /** Has exactly these bytes. Few are compared sooner here than by a call of native code. */
  holds(field: number, bytes: Buffer): boolean {
    if (this.length[field] !== bytes.length) return false;
    const at = this.start[field]!;
    for (let n = bytes.length - 1; n >= 0; n--) if (this.bytes[at + n] !== bytes[n]) return false;
    return true;
  }

  short(field: number): number {
    return this.bytes.readInt16BE(this.start[field]);
  }

  int(field: number): number {
    return this.bytes.readInt32BE(this.start[field]);
  }

  /** A bigint below 2^53. */
  number(field: number): number {
    const at = this.start[field]!;
    return this.bytes.readInt32BE(at) * TWO_32 + this.bytes.readUInt32BE(at + 4);
  }

  /** Milliseconds since 1970. */
  time(field: number): number {
    return this.number(field) / 1_000 + EPOCH_MS;
  }

  text(field: number): string {
    return this.read(field, 'utf8');
  }

  /** Text that is known to be ASCII, or bytes as one character each. */
  latin1(field: number): string {
    return this.read(field, 'latin1');
  }

  uuid(field: number): string {
    const hex = this.read(field, 'hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  copyTo(field: number, target: Buffer): void {
    const at = this.start[field]!;
    this.bytes.copy(target, 0, at, at + this.length[field]!);
  }

  /** The bytes: a copy, which keeps nothing else in memory. Null for null. */
  copyOf(field: number): Buffer | null {
    if (this.isNull(field)) return null;
    const at = this.start[field]!;
    return Buffer.from(this.bytes.subarray(at, at + this.length[field]!));
  }

  /** For people. */
  shown(field: number, type: ColumnType): string | number | null {
    if (this.isNull(field)) return null;
    switch (type) {
      case 'uuid':
        return this.uuid(field);
      case 'text':
      case 'json':
        return this.text(field);
      case 'integer':
        return this.int(field);
      case 'bigint':
        return this.number(field);
      case 'timestamptz':
        return new Date(this.time(field)).toISOString();
      case 'bytea':
      case 'text[]':
        return `${this.length[field]} bytes`;
    }
  }

  private read(field: number, encoding: BufferEncoding): string {
    const at = this.start[field]!;
    return this.bytes.toString(encoding, at, at + this.length[field]!);
  }
}

/** A copy of a row that stays when the next one is read. */
export const keptRow = (row: CopyRow): CopyRow => {
  const kept = new CopyRow(row.fields);
  kept.cut(Buffer.from(row.bytes.subarray(row.begin, row.end)), 0);
  return kept;
};

/** Cuts rows out of the pieces in which a COPY arrives. */
export class CopyReader {
  private readonly row: CopyRow;
  private rest: Buffer = Buffer.alloc(0);
  private isBegun = false;
  private isOver = false;

  constructor(fields: number) {
    this.row = new CopyRow(fields);
  }

  /** Calls `onRow` for each row that is complete now; the row is valid during the call. */
  take(piece: Buffer, onRow: (row: CopyRow) => void): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, piece]) : piece;
    let at = this.isBegun ? 0 : endOfHeader(bytes);
    this.isBegun = at > 0 || this.isBegun;
    while (this.isBegun && !this.isOver && at + FIELD_COUNT_BYTES <= bytes.length) {
      if (bytes.readInt16BE(at) === TRAILER) {
        this.isOver = true;
      } else {
        if (!this.row.cut(bytes, at)) break;
        at = this.row.end;
        onRow(this.row);
      }
    }
    this.rest = bytes.subarray(at);
  }

  /** @throws Error when the COPY ended in the middle */
  end(): void {
    if (!this.isOver) throw new Error('COPY ended in the middle of a row.');
  }
}

/** 0 while the header is not complete. */
const endOfHeader = (bytes: Buffer): number =>
  bytes.length < HEADER_BYTES ? 0 : HEADER_BYTES + bytes.readInt32BE(HEADER_BYTES - 4);

const UUID_BYTES = 16;
const HYPHEN = 0x2d;
const NINE = 0x39;

/** Letters begin with ten, and the last four bits of `a` are one. */
const hexDigit = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return (code & 0xf) + (code > NINE ? 9 : 0);
};

/** Writes rows as COPY wants them. */
export class RowEncoder {
  private buffer = Buffer.allocUnsafeSlow(16 * 1024);
  private end = 0;

  constructor(private readonly types: readonly ColumnType[]) {}

  /** Valid until the next call. */
  encode(values: readonly ColumnValue[]): Buffer {
    this.end = this.buffer.writeInt16BE(this.types.length, 0);
    for (let index = 0; index < this.types.length; index++) this.field(this.types[index]!, values[index]!);
    return this.buffer.subarray(0, this.end);
  }

  private field(type: ColumnType, value: ColumnValue): void {
    this.makeRoom(4);
    if (value === null) {
      this.end = this.buffer.writeInt32BE(NULL_LENGTH, this.end);
      return;
    }
    const lengthAt = this.end;
    this.end += 4;
    this.bytesOf(type, value);
    this.buffer.writeInt32BE(this.end - lengthAt - 4, lengthAt);
  }

  private bytesOf(type: ColumnType, value: NonNullable<ColumnValue>): void {
    switch (type) {
      case 'uuid':
        return this.uuid(value as string);
      case 'text':
      case 'json':
        return this.text(value as string);
      case 'bytea':
        return this.bytes(value as Buffer);
      case 'integer':
        return this.int(value as number);
      case 'bigint':
        return this.number(value as number);
      case 'timestamptz':
        return this.number(((value as Date).getTime() - EPOCH_MS) * 1_000);
      case 'text[]':
        return this.textArray(value as readonly string[]);
    }
  }

  /** Digit by digit: quicker than a text without hyphens and a call of native code. */
  private uuid(text: string): void {
    this.makeRoom(UUID_BYTES);
    for (let at = 0; at < text.length; at += 2) {
      if (text.charCodeAt(at) === HYPHEN) at++;
      this.buffer[this.end++] = (hexDigit(text, at) << 4) | hexDigit(text, at + 1);
    }
  }

  private text(text: string): void {
    this.makeRoom(text.length * 3);
    this.end += this.buffer.write(text, this.end, 'utf8');
  }

  private bytes(bytes: Buffer): void {
    this.makeRoom(bytes.length);
    this.end += bytes.copy(this.buffer, this.end);
  }

  private int(value: number): void {
    this.makeRoom(4);
    this.end = this.buffer.writeInt32BE(value, this.end);
  }

  private number(value: number): void {
    this.makeRoom(8);
    const high = Math.floor(value / TWO_32);
    this.end = this.buffer.writeInt32BE(high, this.end);
    this.end = this.buffer.writeUInt32BE(value - high * TWO_32, this.end);
  }

  /** Dimensions, whether there are nulls, type of the elements; then size and lower bound; then the elements. */
  private textArray(texts: readonly string[]): void {
    this.int(texts.length > 0 ? 1 : 0);
    this.int(0);
    this.int(TEXT_OID);
    if (texts.length === 0) return;
    this.int(texts.length);
    this.int(1);
    for (const text of texts) this.field('text', text);
  }

  private makeRoom(bytes: number): void {
    const wanted = this.end + bytes;
    if (wanted <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}

/** Bytes of one piece, unless a single row needs more. */
const PIECE = 256 * 1024;

/** Collects rows for one COPY, in pieces that can be sent as they are. */
export class CopyWriter {
  /** Rows written, and what they take. */
  count = 0;
  bytes = 0;
  private readonly pieces: Buffer[] = [HEADER];
  private readonly encoder: RowEncoder;
  private piece: Buffer = Buffer.alloc(0);
  private end = 0;

  constructor(types: readonly ColumnType[]) {
    this.encoder = new RowEncoder(types);
  }

  write(values: readonly ColumnValue[]): void {
    const row = this.encoder.encode(values);
    if (this.end + row.length > this.piece.length) {
      this.close();
      this.piece = Buffer.allocUnsafeSlow(Math.max(PIECE, row.length));
    }
    this.end += row.copy(this.piece, this.end);
    this.bytes += row.length;
    this.count++;
  }

  /** The whole COPY. */
  finish(): readonly Buffer[] {
    this.close();
    return [...this.pieces, END];
  }

  private close(): void {
    if (this.end > 0) this.pieces.push(this.piece.subarray(0, this.end));
    this.end = 0;
  }
}
