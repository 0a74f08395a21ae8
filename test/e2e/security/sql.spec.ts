import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/*
 * No SQL is put together from what somebody sent. Values travel as parameters; what stands in the text of a statement is
 * written in the source, or is a name that was checked.
 */

const SOURCE = fileURLToPath(new URL('../../../src/', import.meta.url));

/** Rooms below the tasks see no request: names in their statements come from options, the catalogue and the source. */
const BUILDERS = /^(database|event-store)\//;

/** Names of the source itself: COLUMNS, MOST.open, this.table, this.options.table. */
const CONSTANT = /^(this\.)?[A-Z][A-Z0-9_]*(\.\w+)?$/;

/** Ways to put something into a statement that cannot carry anything else with it. */
const SAFE = [
  CONSTANT,
  /^bind\(.*\)$/s, // answers $1, $2 …
  /^(pg\.)?escape(Identifier|Literal)\(.*\)$/s,
  /^conditions\.join\(' and '\)$/, // each made of the above
  /^\w+\.\w+ \? '[^']*' : '[^']*'$/, // one of two words
  /^[A-Z_]+\.map\(\((\w+)\) => `'\$\{\1\}'`\)\.join\(', '\)$/, // a list of our own words
];

const STATEMENT =
  /^\s*(select|insert|update|delete|with|create|copy|listen|set|alter|begin|truncate|grant|drop|lock)\b/i;

interface Piece {
  readonly file: string;
  readonly expression: string;
}

/** Every expression inside a text that is, or becomes part of, a statement. */
const piecesIn = (file: string, source: string): Piece[] => {
  const pieces: Piece[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node) && (STATEMENT.test(node.head.text) || isCondition(node)))
      for (const { expression } of node.templateSpans)
        pieces.push({ file, expression: expression.getText() });
    if (isConcatenation(node) && STATEMENT.test(textOf(node.left)) && !ts.isStringLiteralLike(node.right))
      pieces.push({ file, expression: node.right.getText() });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ES2023, true));
  return pieces;
};

/** Part of a statement that is put together elsewhere. */
const isCondition = (node: ts.TemplateExpression): boolean =>
  / (=|<|>|<=|>=|@>|in|is|any|like) ?\(?$/i.test(node.head.text) || /^(t|w)\.\w+ /.test(node.head.text);

const isConcatenation = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

const textOf = (node: ts.Expression): string => (ts.isStringLiteralLike(node) ? node.text : '');

/** What `query` is called with when it is not a text in place. */
const looseTextsIn = (file: string, source: string): Piece[] => {
  const pieces: Piece[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      /\b(pool|client|source|manager|runner)\.query$/.test(node.expression.getText())
    ) {
      const [first] = node.arguments;
      if (first && ts.isIdentifier(first) && !CONSTANT.test(first.text))
        pieces.push({ file, expression: first.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ES2023, true));
  return pieces;
};

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !BUILDERS.test(file),
);
const sources = files.map((file): [string, string] => [file, readFileSync(`${SOURCE}${file}`, 'utf8')]);
/** Read by somebody: a private function whose callers, in the same file, hand over texts of the source. */
const REVIEWED: ReadonlySet<string> = new Set([
  'tasks/read-model/provider-ids.ts: text',
  'tasks/submissions/log-place.ts: server',
]);

const isUnsafe = ({ file, expression }: Piece): boolean =>
  !SAFE.some((safe) => safe.test(expression)) && !REVIEWED.has(`${file}: ${expression}`);

it('statements are made of constants and parameters', () => {
  const pieces = sources
    .filter(([, source]) => /\.query[<(]|getRepository|createQueryBuilder/.test(source))
    .flatMap(([file, source]) => piecesIn(file, source));
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.filter(isUnsafe)).toEqual([]);
});

it('a text that is handed on is one of the source', () => {
  const loose = sources.flatMap(([file, source]) => looseTextsIn(file, source));
  expect(loose.filter(isUnsafe)).toEqual([]);
});

it('the search finds what it is for', () => {
  const bad = [
    'pool.query(`select * from task where owner = ${owner}`)',
    "pool.query('select * from task where id = ' + id)",
    'pool.query(`update task set ${Object.keys(body).join()} = 1`)',
    'conditions.push(`t.model = ${filter.model}`)',
  ];
  for (const source of bad) expect(piecesIn('x.ts', source).filter(isUnsafe)).not.toEqual([]);
  expect(looseTextsIn('x.ts', 'this.pool.query(text, [])')).toHaveLength(1);
});
