import { HttpException } from '@nestjs/common';
import { problemOf } from '../../src/http/problems/problem-of.js';
import { GenledgerError, type ErrorCategory } from '../../src/shared/errors.js';
import { type ErrorCode } from '../../src/tasks/read-model/task-row.js';
import { codeIn, readPage, rowsOf, sectionOf } from './pages.js';
import { thrownErrors } from './thrown-errors.js';

const page = readPage('docs/errors.md');
const answered = rowsOf(sectionOf(page, '## Errors that become answers'));
const stopping = rowsOf(sectionOf(page, '## Errors that stop a start or a command'));
const wire = rowsOf(sectionOf(page, '## What the API answers'));

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
const onTheWire = (error: unknown): string => {
  const { status, code } = problemOf(error);
  return `${status} \`${code}\``;
};

describe('docs/errors.md', () => {
  it('has every code that is thrown, with its category, and no other', () => {
    const thrown = thrownErrors().map(({ code, category }) => `${code} ${category}`);
    const listed = [...answered, ...stopping].map(([code, category]) => `${codeIn(code)} ${category}`);
    expect(sorted(listed)).toEqual(sorted(thrown));
    expect(listed).toHaveLength(new Set(listed).size);
  });

  it.each(answered)('%s (%s) is answered as %s', (code, category, answer) => {
    const error = new GenledgerError(codeIn(code)!, category as ErrorCategory, 'A sentence.');
    expect(answer).toBe(onTheWire(error));
  });

  it('has every code of an answer with its status, and no other', () => {
    const statuses = Array.from({ length: 200 }, (_, index) => 400 + index);
    const possible = [
      ...answered.map(([, , answer]) => answer!),
      ...statuses
        .filter((status) => status in FRAMEWORK)
        .map((status) => onTheWire(new HttpException('', status))),
      onTheWire(new Error('anything else')),
    ];
    const shown = possible.filter((answer) => !OPERATORS_ONLY.has(answer));
    expect(sorted(wire.map(([code, status]) => `${status} ${code}`))).toEqual(sorted(shown));
  });

  it('has every reason why a task waits or failed, and no other', () => {
    const listed = rowsOf(sectionOf(page, '## Why a task waits or failed')).map(([code]) => codeIn(code));
    expect(listed.sort()).toEqual(Object.keys(TASK_ERRORS).sort());
  });

  it('gives a meaning and a remedy for each', () => {
    const empty = [...wire, ...answered, ...stopping].filter((cells) => cells.some((cell) => cell === ''));
    expect(empty).toEqual([]);
  });
});

/** The compiler keeps this complete. */
const TASK_ERRORS: Readonly<Record<ErrorCode, true>> = {
  provider_rejected: true,
  provider_failed: true,
  result_missing: true,
  provider_auth: true,
  insufficient_credits: true,
  model_forbidden: true,
  unrecognised_refusal: true,
  submission_unconfirmed: true,
  expired: true,
};

/** What the framework itself answers: unreadable requests, unknown routes and methods, bodies. */
const FRAMEWORK = { 400: true, 404: true, 405: true, 413: true, 415: true, 500: true };

/** Keys are made on the command line. */
const OPERATORS_ONLY: ReadonlySet<string> = new Set(['422 `invalid_key`']);
