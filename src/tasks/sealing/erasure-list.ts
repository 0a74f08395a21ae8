import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';

/**
 * Which tasks were erased, kept outside the database: a restored backup brings erased tasks back, and this list tells
 * which. It holds ids and times, nothing else.
 */
@Injectable()
export class ErasureList {
  private readonly file: string | null;

  constructor(@Inject(TASKS_OPTIONS) { erasuresFile }: Pick<TasksOptions, 'erasuresFile'>) {
    this.file = erasuresFile;
  }

  /** Resolves when the line is on disk. */
  async add(taskId: string, at: Date): Promise<void> {
    await this.append({ task: taskId, at: at.toISOString() });
  }

  /** The task was listed, but was not erased after all. Resolves when that is on disk. */
  async withdraw(taskId: string, at: Date): Promise<void> {
    await this.append({ task: taskId, at: at.toISOString(), withdrawn: true });
  }

  private async append(line: Line): Promise<void> {
    if (this.file === null) return;
    await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
    const handle = await open(this.file, 'a', 0o600);
    try {
      await handle.write(`${JSON.stringify(line)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** All listed tasks, each once, as their last lines say. A line that was cut off by a crash is left out. */
  async all(): Promise<readonly string[]> {
    if (this.file === null) return [];
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const listed = new Set<string>();
    for (const { task, withdrawn } of text.split('\n').flatMap(lineOf)) {
      if (withdrawn) listed.delete(task);
      else listed.add(task);
    }
    return [...listed];
  }
}

interface Line {
  readonly task: string;
  readonly at: string;
  readonly withdrawn?: true;
}

const lineOf = (line: string): Line[] => {
  try {
    return [JSON.parse(line) as Line];
  } catch {
    return [];
  }
};
