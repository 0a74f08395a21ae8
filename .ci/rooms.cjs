/**
 * The house rule: dependencies point one way.
 *
 *   http -> image | video | music | three-d -> tasks -> event-store -> shared
 *   callbacks -> tasks        account-pace -> provider/apidot -> tasks (its ports)
 *
 * Skipping a floor on the way down is fine, going up never is. app.module, main and the command line see every room.
 */
const room = (path) => `^src/${path}/`;
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const spec = '\\.spec\\.ts$';

/** What each room may import of ours, besides itself. */
const may = {
  shared: [],
  config: ['shared'],
  database: ['shared'],
  'event-store': ['shared', 'database'],
  tasks: ['event-store', 'database', 'shared'],
  image: ['tasks', 'shared'],
  video: ['tasks', 'shared'],
  music: ['tasks', 'shared'],
  'three-d': ['tasks', 'shared'],
  provider: ['tasks', 'shared'],
  'account-pace': ['provider', 'database', 'shared'],
  callbacks: ['tasks', 'database', 'shared'],
  access: ['database', 'shared'],
  http: ['access', 'callbacks', 'tasks', 'event-store', 'shared', 'image', 'video', 'music', 'three-d'],
  outgoing: ['shared'],
  simulator: [],
};

module.exports = {
  forbidden: [
    forbid(
      'no-circle',
      'Two files that need each other are one thought, or the wrong two.',
      {},
      { circular: true },
    ),
    ...Object.entries(may).map(([name, allowed]) =>
      forbid(
        `${name}-looks-down-only`,
        `${name} may import ${allowed.join(', ') || 'no other room'}.`,
        { path: room(name) },
        { path: '^src/', pathNot: [name, ...allowed].map(room) },
      ),
    ),
    forbid(
      'front-door',
      'Rooms are entered through their index.ts; export there what others need.',
      { path: '^src/([^/]+)/', pathNot: spec },
      {
        path: '^src/(event-store|tasks|image|video|music|three-d|callbacks|access|outgoing|simulator|account-pace)/.+',
        pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/[^/]+/testing/index\\.ts$'],
      },
    ),
    forbid(
      'domain-without-frameworks',
      'Rules of a task are plain functions: no framework, no database.',
      { path: '^src/tasks/domain/', pathNot: spec },
      { path: 'node_modules/(@nestjs|typeorm|pg|class-validator|class-transformer)/' },
    ),
    forbid(
      'no-orphan-dependency',
      'A package must be listed.',
      { path: '^src/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
