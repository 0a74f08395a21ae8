import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type SubmitOutcome } from '../ports.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';

interface Unsaved {
  readonly taskId: string;
  readonly attempt: number;
  readonly outcome: SubmitOutcome;
}

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

/**
 * Answers of paid calls that are not in the log yet.
 *
 * They are saved again and again while the process lives. What is still unsaved when it must stop goes into a file
 * (0600: task, attempt and provider id, nothing personal) and is saved at the next start. Each process has a file of its
 * own, because several may share the folder; whoever starts next saves them all. Only accepted answers: every other
 * outcome is found again as "unknown" when the lease runs out.
 */
@Injectable()
export class UnsavedOutcomes {
  private readonly log = new Logger('UnsavedOutcomes');
  private readonly pending = new Set<Unsaved>();
  private readonly processId = randomBytes(6).toString('hex');
  private gaveUp = false;
  private wakeAll: () => void = () => undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly stopping = new Promise<void>((resolve) => (this.wakeAll = resolve));

  constructor(@Inject(TASKS_OPTIONS) private readonly options: TasksOptions) {}

  /** Saves until it works. Null when the process had to stop first (then it lies in the file). */
  async untilSaved<T>(unsaved: Unsaved, save: () => Promise<T>): Promise<T | null> {
    this.pending.add(unsaved);
    for (let wait = RETRY_FIRST_MS; ; wait = Math.min(RETRY_MAX_MS, wait * 2)) {
      try {
        const saved = await save();
        this.pending.delete(unsaved);
        return saved;
      } catch (error) {
        this.log.warn({
          msg: 'an answer of the provider could not be saved yet',
          task: unsaved.taskId,
          error: String(error),
        });
        if (this.gaveUp) {
          await this.write();
          return null;
        }
        await this.pause(wait);
      }
    }
  }

  /** Ends the waiting and keeps what could not be saved. Call it when the time to stop has come. */
  async keep(): Promise<void> {
    this.gaveUp = true;
    this.wakeAll();
    await this.write();
  }

  /** Saves what earlier processes kept, then removes their files. */
  async recover(save: (unsaved: Unsaved) => Promise<unknown>): Promise<void> {
    const file = this.options.unsavedOutcomesFile;
    if (!file) return;
    const names = await readdir(dirname(file)).catch(() => []);
    for (const name of names.filter((found) => isKept(file, found))) {
      const path = join(dirname(file), name);
      const text = await this.kept(path);
      if (text === null) continue;
      for (const line of text.split('\n').filter((part) => part.trim() !== ''))
        await save(JSON.parse(line) as Unsaved);
      await rm(path, { force: true });
    }
  }

  /** Null when another process was faster, or the file cannot be read: then it stays. */
  private async kept(path: string): Promise<string | null> {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.log.error({ msg: 'kept answers cannot be read', file: path, error: String(error) });
      return null;
    }
  }

  /** An answer that comes after `keep` is kept as well: the file is written anew, one writing at a time. */
  private write(): Promise<void> {
    this.writing = this.writing.catch(() => undefined).then(() => this.writeNow());
    return this.writing;
  }

  private async writeNow(): Promise<void> {
    const { unsavedOutcomesFile } = this.options;
    const accepted = [...this.pending].filter(({ outcome }) => outcome.kind === 'accepted');
    if (!unsavedOutcomesFile || accepted.length === 0) return;
    const file = ofProcess(unsavedOutcomesFile, this.processId);
    const lines = accepted.map((unsaved) => JSON.stringify(unsaved)).join('\n');
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, `${lines}\n`, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
    this.log.warn({ msg: 'answers kept for the next start', count: accepted.length });
  }

  private pause(ms: number): Promise<unknown> {
    let timer: NodeJS.Timeout;
    const slept = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
    return Promise.race([slept, this.stopping]).finally(() => clearTimeout(timer));
  }
}

/** `unsaved-outcomes.jsonl` becomes `unsaved-outcomes.<process>.jsonl`. */
const ofProcess = (file: string, process: string): string => {
  const extension = extname(file);
  return join(dirname(file), `${basename(file, extension)}.${process}${extension}`);
};

/** Also the file without a process, as versions before this one named it. */
const isKept = (file: string, name: string): boolean => {
  const extension = extname(file);
  return name.startsWith(`${basename(file, extension)}.`) && name.endsWith(extension);
};
