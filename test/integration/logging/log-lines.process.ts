/** A process that logs so many lines and then ends in the given way. */
import { createLogger } from '../../../src/logging/index.js';

const [lines, ending] = process.argv.slice(2) as [string, string];
const log = createLogger({ level: 'info', format: 'json' });
for (let i = 0; i < Number(lines); i++) log.info({ i }, 'a line');
if (ending === 'exit') process.exit(0);
if (ending === 'throw') throw new Error('on purpose');
