import { type CheckOptions, type ReferenceKind } from './value-type.js';

export interface Violation {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

export interface FoundReference {
  readonly pointer: string;
  readonly kind: ReferenceKind;
  readonly value: string;
}

/** More say nothing new to a caller, and an answer must not grow with what was sent. */
export const MOST_VIOLATIONS = 100;

/** What one check collects. */
export class Findings {
  readonly violations: Violation[] = [];
  readonly references: FoundReference[] = [];

  constructor(readonly options: CheckOptions) {}

  get isFull(): boolean {
    return this.violations.length >= MOST_VIOLATIONS;
  }

  /** `message` is a full sentence and never quotes what was sent, which is private. */
  add(pointer: string, code: string, message: string): void {
    if (!this.isFull) this.violations.push({ pointer, code, message });
  }
}

/** A step of a JSON pointer (RFC 6901). */
export const step = (name: string | number): string =>
  `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** How sentences name the place of a pointer: `a.b`, `a[0].b`. */
export const placeName = (pointer: string): string =>
  pointer
    .split('/')
    .slice(2)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (name, part) => (/^\d+$/.test(part) ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`),
      '',
    ) || 'input';
