/** A map whose keys ignore case. Keeps the spelling of the first, as .NET's OrdinalIgnoreCase dictionaries do. */
export class CaseInsensitiveMap<V> {
  readonly #entries = new Map<string, [name: string, value: V]>();

  constructor(entries: Iterable<readonly [string, V]> = []) {
    for (const [name, value] of entries) this.set(name, value);
  }

  get(name: string): V | undefined {
    return this.#entries.get(name.toLowerCase())?.[1];
  }

  set(name: string, value: V): void {
    const key = name.toLowerCase();
    this.#entries.set(key, [this.#entries.get(key)?.[0] ?? name, value]);
  }

  setIfAbsent(name: string, value: V): void {
    if (!this.#entries.has(name.toLowerCase())) this.set(name, value);
  }

  entries(): Iterable<[string, V]> {
    return this.#entries.values();
  }
}
