import { readdirSync } from 'node:fs';
import ts from 'typescript';
import { readPage, ROOT } from './pages.js';

/** Code and category of an error class, as it hands them to the base class. */
export interface ThrownError {
  readonly name: string;
  readonly code: string;
  readonly category: string;
}

/** Every class of src that extends GenledgerError. */
export const thrownErrors = (): ThrownError[] =>
  readdirSync(`${ROOT}/src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .flatMap((file) => errorsIn(`src/${file}`));

const errorsIn = (path: string): ThrownError[] => {
  const text = readPage(path);
  if (!text.includes('extends GenledgerError')) return [];
  return ts
    .createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
    .statements.filter(ts.isClassDeclaration)
    .filter(({ heritageClauses }) =>
      heritageClauses?.some((clause) => /\bGenledgerError\b/.test(clause.getText())),
    )
    .map((declaration) => ({ name: declaration.name!.text, ...handedUp(declaration) }));
};

const handedUp = (declaration: ts.ClassDeclaration): { code: string; category: string } => {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  const [code, category] = calls[0]?.arguments ?? [];
  if (!code || !category || !ts.isStringLiteral(code) || !ts.isStringLiteral(category))
    throw new Error(`${declaration.name!.text} does not hand up a code and a category written out.`);
  return { code: code.text, category: category.text };
};
