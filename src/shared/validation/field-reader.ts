import { isJsonObject } from '../json.js';

/** Null, empty text and empty lists count as absent wherever rules and conditions read a field. */
const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Only own properties: nothing is read from a prototype. */
export const own = (object: object, name: string): unknown =>
  Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;

/** What the provider is known to assume of absent fields, by name. */
export type Defaults = ReadonlyMap<string, { readonly default?: unknown }>;

/** How rules and conditions look at an object. Paths are `field`, `field.child` or, in `each`, `list[].child`. */
export class FieldReader {
  constructor(
    private readonly fields: Defaults,
    private readonly object: object,
  ) {}

  /** What was sent; undefined when absent. */
  sent(path: string): unknown {
    if (!path.includes('.')) return present(own(this.object, path));
    let at: unknown = this.object;
    for (const name of path.split('.')) at = isJsonObject(at) ? own(at, name) : undefined;
    return present(at);
  }

  /** What was sent, or else the default the provider is known to assume. */
  value(path: string): unknown {
    return this.sent(path) ?? this.fields.get(path)?.default;
  }

  /** How many items the list has; 0 when absent or no list. */
  count(path: string): number {
    const value = this.sent(path);
    return Array.isArray(value) ? value.length : 0;
  }

  /** The same child of every item of a list. */
  each(path: string): readonly unknown[] {
    const [list, child] = path.split('[].') as [string, string];
    const items = this.sent(list);
    return Array.isArray(items)
      ? items.map((item: unknown) => (isJsonObject(item) ? own(item, child) : undefined))
      : [];
  }
}

const present = (value: unknown): unknown => (isAbsent(value) ? undefined : value);
