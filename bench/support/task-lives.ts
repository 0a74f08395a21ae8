import { type PreparedAppend } from '../../src/event-store/prepared-append.js';
import { Life } from './seed-log.js';

/** The appends of one task from its intent to its files, in order, made before the clock runs. */
export type TaskLife = readonly PreparedAppend[];

/** Enough lives for so many appends. */
export const makeLives = (appends: number): TaskLife[] => {
  const lives: TaskLife[] = [];
  for (let made = 0; made < appends; made += lives.at(-1)!.length) lives.push(oneLife());
  return lives;
};

const oneLife = (): TaskLife => {
  const appends: PreparedAppend[] = [];
  for (const life = new Life(); !life.isOver; life.stored(new Date())) appends.push(life.next());
  return appends;
};
