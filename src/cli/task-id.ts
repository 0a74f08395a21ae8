import { InvalidArgumentError } from 'commander';
import { isUuid } from '../shared/ids.js';

/** The id of a task as an argument. @throws InvalidArgumentError for what no task can have */
export const taskId = (text: string): string => {
  if (!isUuid(text)) throw new InvalidArgumentError('Task ids are UUIDs.');
  return text;
};
