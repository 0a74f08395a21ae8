import ts from 'typescript';
import { readPage } from './pages.js';

/** An event as the source declares it: the names of its fields, in order. */
export interface DeclaredEvent {
  readonly type: string;
  readonly public: readonly string[];
  readonly sealed: readonly string[];
}

/** Read from the source, because types are gone at run time. */
export const declaredTaskEvents = (): DeclaredEvent[] =>
  aliasesIn('src/tasks/domain/task.events.ts').flatMap(({ type }) => {
    if (!ts.isTypeReferenceNode(type) || type.typeName.getText() !== 'Fact') return [];
    const [name, data, personal] = type.typeArguments ?? [];
    return [{ type: literal(name), public: fieldsOf(data), sealed: personal ? fieldsOf(personal) : [] }];
  });

export const declaredAccountEvents = (): DeclaredEvent[] =>
  declaredUnion('src/tasks/account/account.events.ts', 'AccountEvent');

export const declaredSubmissionsEvents = (): DeclaredEvent[] =>
  declaredUnion('src/tasks/submissions/submissions.events.ts', 'SubmissionsEvent');

const declaredUnion = (path: string, union: string): DeclaredEvent[] =>
  aliasesIn(path).flatMap(({ name, type }) =>
    (name.text === union && ts.isUnionTypeNode(type) ? [...type.types] : []).map((member) => ({
      type: literal(fieldOf(member, 'type')),
      public: fieldsOf(fieldOf(member, 'data')),
      sealed: [],
    })),
  );

const aliasesIn = (path: string): ts.TypeAliasDeclaration[] =>
  ts
    .createSourceFile(path, readPage(path), ts.ScriptTarget.ES2023, true)
    .statements.filter(ts.isTypeAliasDeclaration);

const membersOf = (node: ts.TypeNode | undefined): ts.PropertySignature[] => {
  if (!node || !ts.isTypeLiteralNode(node)) throw new Error(`Not an object written out: ${node?.getText()}`);
  return node.members.filter(ts.isPropertySignature);
};

const fieldsOf = (node: ts.TypeNode | undefined): string[] =>
  membersOf(node).map(({ name }) => name.getText());

const fieldOf = (node: ts.TypeNode, field: string): ts.TypeNode | undefined =>
  membersOf(node).find(({ name }) => name.getText() === field)?.type;

const literal = (node: ts.TypeNode | undefined): string => {
  if (!node || !ts.isLiteralTypeNode(node) || !ts.isStringLiteral(node.literal))
    throw new Error(`Not a name: ${node?.getText()}`);
  return node.literal.text;
};
