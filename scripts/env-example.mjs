/** Writes .env.example from the table of settings in src/config. Needs a build. */
import { writeFileSync } from 'node:fs';
import { envExample } from '../dist/config/index.js';

writeFileSync(new URL('../.env.example', import.meta.url), envExample());
