/** Things in an order, of which only the first is ever wanted: adding and taking cost the logarithm of their number. */
export class Heap<Item> {
  readonly #isBefore: (a: Item, b: Item) => boolean;
  #items: Item[] = [];

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  first(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    this.#items.push(item);
    let at = this.#items.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBeforeAt(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  takeFirst(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return first;
    this.#items[0] = last;
    this.#sink(0);
    return first;
  }

  /** In no order. */
  values(): IterableIterator<Item> {
    return this.#items.values();
  }

  /** Takes out all that `belongs` names, in no order. */
  takeAll(belongs: (item: Item) => boolean): readonly Item[] {
    const taken: Item[] = [];
    const left: Item[] = [];
    for (const item of this.#items) (belongs(item) ? taken : left).push(item);
    this.#items = left;
    for (let at = (left.length >> 1) - 1; at >= 0; at -= 1) this.#sink(at);
    return taken;
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      let least = this.#isBeforeAt(left, at) ? left : at;
      if (this.#isBeforeAt(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  /** False when there is nothing at `a`. */
  #isBeforeAt(a: number, b: number): boolean {
    const [first, second] = [this.#items[a], this.#items[b]];
    return first !== undefined && second !== undefined && this.#isBefore(first, second);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#items[a], this.#items[b]];
    if (first === undefined || second === undefined) return;
    this.#items[a] = second;
    this.#items[b] = first;
  }
}
