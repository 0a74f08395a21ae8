/**
 * Lets plain Node run our TypeScript: `node --import <this file> some-file.ts`.
 *
 * For tests that need real processes of their own (to kill them, to race them) without a build before. Jest transforms by
 * itself; this does the same for everybody else.
 */
import { register } from 'node:module';

register('./typescript.hooks.mjs', import.meta.url);
