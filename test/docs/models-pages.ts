import { format, resolveConfig } from 'prettier';
import { imageModels } from '../../src/image/models/index.js';
import { musicModels } from '../../src/music/models/index.js';
import {
  beyondSchema,
  type Mode,
  type Model,
  offeredModels,
  schemaOf,
} from '../../src/shared/validation/index.js';
import { threeDModels } from '../../src/three-d/models/index.js';
import { videoModels } from '../../src/video/models/index.js';
import { allEntries, type Entry } from '../fixtures/models/entries.js';
import { ROOT } from './pages.js';

/*
 * The pages about models, made from the classes that check the inputs; where a fact comes from is told by the facts in
 * test/fixtures/models. `node scripts/models-page.mjs` writes them.
 */

export const MODELS = {
  image: imageModels,
  video: videoModels,
  music: musicModels,
  '3d': threeDModels,
} as const;

/** Path and text of each page. */
export const modelsPages = async (): Promise<ReadonlyMap<string, string>> => {
  const pages = {
    'docs/models.md': models(),
    'docs/models-sources.md': sources(),
    'docs/models-schemas.md': schemas(),
  };
  const made = new Map<string, string>();
  for (const [path, text] of Object.entries(pages)) {
    const options = await resolveConfig(`${ROOT}/${path}`);
    made.set(path, await format(text, { ...options, parser: 'markdown' }));
  }
  return made;
};

const GENERATED = '<!-- Made by `node scripts/models-page.mjs`. A spec fails when it is stale. -->';

const entries = new Map(allEntries().map((entry) => [entry.id, entry]));
const entryOf = (model: string, mode: string): Entry => {
  const entry = entries.get(`${model}#${mode}`);
  if (!entry) throw new Error(`There are no facts about ${model}, ${mode}.`);
  return entry;
};

// ------------------------------------------------------------------------------------------------ models.md

const KNOWN_FROM = {
  'apidot-documented': 'APIDot documented',
  'apidot-client-code': 'seen in client code',
  'apidot-family-listed': 'family listed by APIDot',
  'poyo-only': 'known from PoYo only',
} as const;
const FIELDS_FROM: Readonly<Record<string, string>> = {
  apidot: 'APIDot documented',
  client_code: 'seen in client code',
  poyo: 'known from PoYo',
};

const models = (): string => {
  const all = Object.entries(MODELS);
  const modes = all.flatMap(([, ofDomain]) => ofDomain.flatMap((model) => model.modes));
  const offered = all.flatMap(([domain, ofDomain]) => offeredModels(domain, ofDomain, {}));
  return [
    '# Models',
    GENERATED,
    `There are ${all.flatMap(([, ofDomain]) => ofDomain).length} models with ${modes.length} modes. Of these, ${offered.length} models with
${offered.flatMap((model) => model.modes).length} modes are offered by default; \`MODEL_CATALOGUE=all\` adds what is known from PoYo only. \`GET /v1/models\`
tells the same with a JSON Schema and an example for each mode.`,
    `A mode is chosen by the input itself, the first that fits. Fields that are not in the table are refused; nothing is added
to an input. Provider ids inside inputs (\`task_id\`, \`audio_id\`) must come from succeeded tasks of the same owner. A
\`persona_id\` is always refused, unless \`ALLOW_FOREIGN_PROVIDER_IDS=true\`: the provider tells it beside the files of
\`generate-persona\`, so no record proves whose it is.`,
    '## Where a fact comes from',
    [
      '- **APIDot documented**: written in its docs, model repositories or examples.',
      '- **Seen in client code**: only in the source of its web site or of other clients.',
      '- **Family listed by APIDot**: it lists the family; the exact name comes from PoYo.',
      '- **Known from PoYo**: only its sibling service tells it.',
    ].join('\n'),
    `**Model from** says how far the name is known at APIDot, **fields from** whose list of fields is followed, † marks a field
whose bounds or default come from PoYo although the list does not. What sources disagree about stands in
[models-sources.md](models-sources.md), what a schema cannot say in [models-schemas.md](models-schemas.md). None of it was tried
against the live service.`,
    ...all.flatMap(([domain, ofDomain]) => [`## \`${domain}\``, modelTable(ofDomain)]),
  ].join('\n\n');
};

const modelTable = (ofDomain: readonly Model[]): string =>
  table(
    ['Model', 'Mode', 'Required', 'Optional', 'Result', 'Model from', 'Fields from'],
    ofDomain.flatMap((model) =>
      model.modes.map((mode) => {
        const entry = entryOf(model.model, mode.mode);
        const { properties, required = [] } = schemaOf(mode.input) as {
          properties: object;
          required?: string[];
        };
        const field = (name: string) => `\`${name}\`${hasOtherBounds(entry, name) ? '†' : ''}`;
        const names = Object.keys(properties);
        return [
          `\`${model.model}\``,
          mode.mode,
          names
            .filter((name) => required.includes(name))
            .map(field)
            .join(' '),
          names
            .filter((name) => !required.includes(name))
            .map(field)
            .join(' '),
          resultWords(mode),
          KNOWN_FROM[mode.availability ?? model.availability],
          FIELDS_FROM[entry.fields_from]!,
        ];
      }),
    ),
  );

/** A field counts with its parts. */
const hasOtherBounds = ({ fields }: Entry, field: string): boolean =>
  fields.some(({ name, bounds_from }) => bounds_from !== undefined && name.split(/[.[]/)[0] === field);

const resultWords = ({ result: { count, fileType } }: Mode): string =>
  count === null
    ? fileType
    : typeof count === 'number'
      ? `${count} ${fileType}`
      : `\`${count}\` × ${fileType}`;

// ------------------------------------------------------------------------------------------ models-sources.md

const SOURCES: Readonly<Record<string, string>> = {
  apidot: 'APIDot',
  apidot_site_docs: "APIDot's site docs",
  apidot_readme: "APIDot's model repository",
  apidot_examples: "APIDot's examples",
  apidot_article: 'an article of APIDot',
  apidot_site_code: "the code of APIDot's site",
  poyo: 'PoYo',
  poyo_docs: "PoYo's docs",
  third_party_client: 'a third-party client',
};

const sources = (): string => {
  const conflicts = new Map<string, string[]>();
  const remarks = new Map<string, string[]>();
  for (const entry of entries.values()) {
    for (const conflict of entry.conflicts ?? []) addTo(conflicts, conflictWords(conflict), entry.model);
    if (entry.remarks) addTo(remarks, escaped(entry.remarks), entry.model);
  }
  return [
    '# What sources say about models',
    GENERATED,
    `Where sources differ, and what else is worth knowing. What is followed is what [models.md](models.md) and the schemas say; the
reason stands in a comment at the top of the family's file in \`src/<kind>/models\`.`,
    '## Where sources differ',
    bullets(conflicts),
    '## Remarks',
    bullets(remarks),
  ].join('\n\n');
};

const conflictWords = ({ about, advice: _advice, ...said }: Readonly<Record<string, string>>): string => {
  const sayings = Object.entries(said).map(([source, words]) => {
    if (!SOURCES[source]) throw new Error(`The page has no words for the source ${source}.`);
    return `${SOURCES[source]}: ${escaped(words)}`;
  });
  return `**${escaped(about!)}**. ${sayings.join('; ')}.`;
};

// ------------------------------------------------------------------------------------------ models-schemas.md

const schemas = (): string => {
  const fields = new Map<string, Map<string, string[]>>();
  const rules = new Map<string, string[]>();
  for (const { model, modes } of Object.values(MODELS).flat()) {
    for (const { at, words } of modes.flatMap(({ input }) => beyondSchema(input))) {
      if (at === '') addTo(rules, escaped(words), model);
      else {
        if (!fields.has(words)) fields.set(words, new Map());
        addTo(fields.get(words)!, `\`${at}\``, model);
      }
    }
  }
  return [
    '# What the schemas of inputs cannot say',
    GENERATED,
    `The schemas that \`GET /v1/models\` and the OpenAPI document carry (JSON Schema, draft 2020-12) are made from the same classes
as the check: fields, their bounds, when a mode applies, and rules between fields. An input that its schema refuses is
refused. An input that its schema accepts is accepted, but for what stands here.`,
    '## For every model',
    [
      '- A model has several modes and the input fits more than one: the first in the list decides.',
      '- An input is nested at most 16 levels deep, has at most 10,000 values, and no object in it more than 200 fields.',
      '- Ids of the provider (`task_id`, `audio_id`, `persona_id`) must belong to the owner of the key, see [models.md](models.md).',
    ].join('\n'),
    '## Between fields',
    bullets(rules),
    ...[...fields].flatMap(([words, places]) => [
      `## Fields that must be ${escaped(words)}`,
      bullets(places),
    ]),
  ].join('\n\n');
};

// ----------------------------------------------------------------------------------------------------- words

const addTo = (map: Map<string, string[]>, key: string, value: string): void => {
  map.set(key, [...(map.get(key) ?? []), value]);
};

const bullets = (texts: ReadonlyMap<string, readonly string[]>): string =>
  [...texts].map(([text, names]) => `- ${text} (${codes(names)})`).join('\n');

const codes = (names: readonly string[]): string =>
  [...new Set(names)].map((name) => `\`${name}\``).join(', ');

const escaped = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('_', '\\_').replaceAll('*', '\\*');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
