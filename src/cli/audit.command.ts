import { createWriteStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { type Pool } from 'pg';
import { closePool, type ConnectionOptions, createPool } from '../database/index.js';
import {
  EvidenceFileError,
  LogSealer,
  SealKeyMissingError,
  SealSigner,
  writeExport,
} from '../event-store/index.js';
import { sealKeyOf } from '../server/resources.js';
import { isStopped, verificationJson, verificationText } from './audit-report.js';
import { type CliContext, withDatabase } from './context.js';
import { Output } from './output.js';
import { runVerification } from './run-verification.js';

interface VerifyCommandOptions {
  from?: number;
  to?: number;
  file?: string;
  key: string[];
  threads: number;
  json?: boolean;
}

interface ExportCommandOptions {
  out?: string;
  after: number;
  json?: boolean;
}

/** audit verify | seal | export: the log as evidence. Needs no right but to read, and no secret but for `seal`. */
export const auditCommand = (context: CliContext): Command => {
  const audit = new Command('audit').description('the log as evidence: check it, seal it, export the seals');

  audit
    .command('verify')
    .description('compute hashes, chain and seals again; exit code 1 names the first position that is wrong')
    .option('--from <position>', 'begin here, with the batch that holds it', position)
    .option('--to <position>', 'end here, with the batch that holds it', position)
    .option('--file <file>', 'also hold the log against an export, or an archive, that was kept outside')
    .option('--key <pem file>', 'only this key may have sealed the log; may repeat', collect, [])
    .option('--threads <n>', 'threads for long checks', position, Math.min(8, availableParallelism()))
    .option('--json', 'print JSON')
    .action((options: VerifyCommandOptions, command: Command) => {
      const { from = 1, to = Infinity, json = false } = options;
      if (from > to) command.error('error: --from lies behind --to', { exitCode: 2 });
      return withLog(context, options.threads, async (pool, place) => {
        const verification = await runVerification(pool, place, { ...options, showProgress: !json });
        if (isStopped(verification) || verification.findings.length > 0) context.exitCode = 1;
        new Output(json).result(verificationJson(verification), verificationText(verification));
      });
    });

  audit
    .command('seal')
    .description('sign the head of the log now')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) =>
      withLog(context, 1, async (pool, { schema }, sealKey) => {
        const key = await sealKey();
        if (key === null) throw new SealKeyMissingError();
        const signer = new SealSigner(key);
        const seal = await new LogSealer(pool, schema, signer).seal();
        const sealed = seal && { number: seal.number, position: seal.position, chain: seal.chain };
        const publicKey = signer.publicKey.toString('base64');
        new Output(json).result({ sealed, key: signer.keyId, public_key: publicKey }, [
          seal
            ? `Seal ${seal.number} covers positions 1 to ${seal.position}.`
            : 'The newest seal covers everything already.',
          `key ${signer.keyId}`,
        ]);
      }),
    );

  audit
    .command('export')
    .description('write seals and public keys for keeping outside the database')
    .option('--out <file>', 'a new file; default: standard output')
    .option('--after <position>', 'only seals that reach beyond this position', position, 0)
    .option('--json', 'print JSON')
    .action(({ out, after, json = false }: ExportCommandOptions) =>
      withLog(context, 1, async (pool, { schema }) => {
        const { head, text } = await writeExport(pool, schema, after);
        const source = Readable.from(text);
        if (out === undefined) return pipeline(source, process.stdout, { end: false });
        await pipeline(source, createWriteStream(out, { flags: 'wx' })).catch((error: unknown) => {
          throw new EvidenceFileError(out, error);
        });
        new Output(json).result({ file: out, log: head.logId, position: head.position }, [
          `${out} holds the evidence up to position ${head.position}. Keep it where nobody who can change the database can.`,
        ]);
      }),
    );
  return audit;
};

/** The log, with a pool of its own: a check may take hours, and each of its lanes reads alone. */
const withLog = (
  context: CliContext,
  lanes: number,
  work: (pool: Pool, place: ConnectionOptions, sealKey: () => Promise<string | null>) => Promise<void>,
): Promise<void> =>
  withDatabase(context, async (database, config) => {
    const place = { url: database.url, schema: config.database.schema, statementTimeoutMs: 0 };
    const pool = createPool({ ...place, poolSize: lanes + 1 });
    try {
      await work(pool, place, () => sealKeyOf(config));
    } finally {
      await closePool(pool);
    }
  });

const position = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('A whole number from 1, please.');
  return Number(text);
};

const collect = (text: string, before: string[]): string[] => [...before, text];
