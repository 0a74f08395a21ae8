/**
 * The bill of materials of what runs in production, CycloneDX, from the lockfile alone: `npm run sbom -s > sbom.json`.
 *
 * `npm sbom --omit dev` leaves out every package that something for development asks for as well, `@nestjs/core` for
 * instance. So this takes the whole bill, and of it what the lockfile does not mark as being there for development only.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ARGS = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
const bill = JSON.parse(
  execFileSync('npm', ARGS, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
);

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
// The same version may lie in two places, and be needed in production in one of them.
const inProduction = new Set(
  Object.entries(lock.packages)
    .filter(([, { dev }]) => !dev)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`),
);
const components = bill.components
  .filter((component) => inProduction.has(component['bom-ref']))
  .map(({ properties = [], ...component }) => ({
    ...component,
    properties: properties.filter((property) => property.name !== 'cdx:npm:package:development'),
  }));
const kept = new Set([bill.metadata.component, ...components].map((component) => component['bom-ref']));
const dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));

// npm names it after the folder of the checkout.
const [name] = bill.metadata.component['bom-ref'].split('@');
const metadata = { ...bill.metadata, component: { ...bill.metadata.component, name } };
console.log(JSON.stringify({ ...bill, metadata, components, dependencies }, null, 2));
