/** A list that forgets its oldest entries beyond a number or a weight. */
export class BoundedList<T> implements Iterable<T> {
  private readonly entries: { readonly value: T; readonly weight: number }[] = [];
  private first = 0;
  private weight = 0;

  constructor(
    private readonly limit: number,
    private readonly weightLimit = Number.POSITIVE_INFINITY,
  ) {}

  push(value: T, weight = 0): void {
    this.entries.push({ value, weight });
    this.weight += weight;
    while (this.length > 0 && (this.length > this.limit || this.weight > this.weightLimit)) {
      this.weight -= this.entries[this.first]!.weight;
      this.first += 1;
    }
    // Cutting off the forgotten part only now and then keeps pushing cheap.
    if (this.first > 1_024 && this.first > this.entries.length / 2) {
      this.entries.splice(0, this.first);
      this.first = 0;
    }
  }

  get length(): number {
    return this.entries.length - this.first;
  }

  clear(): void {
    this.entries.length = 0;
    this.first = 0;
    this.weight = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.first; index < this.entries.length; index += 1) yield this.entries[index]!.value;
  }
}
