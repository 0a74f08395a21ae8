import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDataDirectory } from '../../database/index.js';
import { type Bookmark } from '../../event-store/index.js';
import { type LogPlace } from './log-place.js';

/** How far the log had come, and where it lay: kept outside of it, so that an older log is told from the one we left. */
export interface LogMark {
  readonly bookmark: Bookmark;
  readonly place: LogPlace;
  /** Database clock. */
  readonly at: Date;
}

/**
 * The file of the mark: one per log and folder, 0600, replaced as a whole. Replicas may share it: each writes what was
 * true, and the furthest stays.
 */
export class LogMarkFile {
  private readonly path: string;

  constructor(
    private readonly folder: string,
    logId: string,
  ) {
    this.path = join(folder, `log-mark-${logId}.json`);
  }

  /** Null when there is none, or none that can be read: then only other signs tell. */
  async read(): Promise<LogMark | null> {
    try {
      const { bookmark, place, at } = JSON.parse(await readFile(this.path, 'utf8')) as Stored;
      return { bookmark, place, at: new Date(at) };
    } catch {
      return null;
    }
  }

  /**
   * Leaves a mark that another process made further on; of two at the same moment the last one stays.
   *
   * @param since marks made before belong to a history that was given up; null: there is none
   */
  async write(mark: LogMark, since: Date | null): Promise<void> {
    const present = await this.read();
    const counts = present !== null && (since === null || present.at > since);
    if (counts && present.bookmark.position > mark.bookmark.position) return;
    await ensureDataDirectory(this.folder);
    const draft = `${this.path}.${randomBytes(6).toString('hex')}`;
    try {
      await writeFile(draft, `${JSON.stringify(mark)}\n`, { mode: 0o600, flag: 'wx', flush: true });
      await rename(draft, this.path);
    } finally {
      await rm(draft, { force: true });
    }
  }
}

interface Stored {
  readonly bookmark: Bookmark;
  readonly place: LogPlace;
  readonly at: string;
}
