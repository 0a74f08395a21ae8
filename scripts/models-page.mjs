/** Writes the pages about models (docs/models*.md) from the classes that check the inputs. Needs no build. */
import { writeFileSync } from 'node:fs';
import 'reflect-metadata';
import '../test/support/typescript.mjs';

const { modelsPages } = await import('../test/docs/models-pages.ts');

for (const [path, text] of await modelsPages()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
