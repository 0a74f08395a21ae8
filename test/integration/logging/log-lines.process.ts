/** A process that logs so many lines, when it is told to, and then ends in the given way. */
import { once } from 'node:events';
import { createLogger } from '../../../src/logging/index.js';

const [lines, ending, isTold] = process.argv.slice(2) as [string, string, string?];
const log = createLogger({ level: 'info', format: 'json' });
if (isTold) await once(process.stdin, 'data');
for (let i = 0; i < Number(lines); i++) log.info({ i }, 'a line');
if (ending === 'exit') process.exit(0);
if (ending === 'throw') throw new Error('on purpose');
if (isTold) process.stdin.destroy();
