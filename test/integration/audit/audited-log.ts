import { generateKeyPairSync } from 'node:crypto';
import {
  LogSealer,
  parseExport,
  type RangeVerifier,
  SealSigner,
  StoredLog,
  type Verification,
  verifyLog,
  type VerifyOptions,
  verifyRange,
  writeExport,
} from '../../../src/event-store/index.js';
import { type PostgresEventStore } from '../../../src/event-store/postgres-event-store.js';
import { someAppend, someEvent } from '../../../src/event-store/testing/index.js';
import { uuidv7 } from '../../../src/shared/ids.js';
import { type TestDatabase } from '../../support/postgres.js';

export const newSigner = (): SealSigner =>
  new SealSigner(
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );

export const seal = (database: TestDatabase, signer: SealSigner) =>
  new LogSealer(database.pool, database.schema, signer).seal();

export const verify = (
  database: TestDatabase,
  options: Partial<VerifyOptions> = {},
): Promise<Verification> => {
  const { pool, schema } = database;
  const log = new StoredLog(pool, schema);
  const lane: RangeVerifier = (range) => verifyRange(log, range);
  return verifyLog(pool, [lane, lane], { schema, rangeSize: 5, ...options });
};

/** An export as it would come back from where it was kept. */
export const exportOf = async (database: TestDatabase) => {
  let text = '';
  for await (const piece of (await writeExport(database.pool, database.schema)).text) text += piece;
  return parseExport(text);
};

/**
 * Three streams and twelve positions in seven batches: 1 | 2 3 | 4 | 5 6 7 | 8 | 9 10 | 11 12.
 *
 * Stream 0 has positions 1, 4, 8; stream 1 has 2, 3, 9, 10; stream 2 has 5, 6, 7, 11, 12.
 */
export const writeLog = async (store: PostgresEventStore): Promise<string[]> => {
  const streams = [uuidv7(), uuidv7(), uuidv7()];
  const batches = [
    [0, 1],
    [1, 2],
    [0, 1],
    [2, 3],
    [0, 1],
    [1, 2],
    [2, 2],
  ] as const;
  for (const [stream, count] of batches) {
    const events = Array.from({ length: count }, (_, n) =>
      someEvent({ data: { n, text: 'Zoë' }, sealed: n === 0 ? Buffer.from([1, 2, 3]) : null }),
    );
    await store.append(someAppend({ streamId: streams[stream], expected: 'any', events }));
  }
  return streams;
};
