/** Header fields as they stand on the wire: names keep their case, and a name may have several values. */
export interface HttpHeader {
  readonly name: string;
  /** At least one. */
  readonly values: readonly string[];
}

/** The first value of a header, whatever its case. */
export function findHeader(headers: readonly HttpHeader[], name: string): string | undefined {
  return headers.find((header) => isNamed(header, name))?.values[0];
}

/** @param name lower case. */
export function isNamed(header: HttpHeader, name: string): boolean {
  return header.name.toLowerCase() === name;
}

/** Groups `[name, value, name, value, …]` by name, in order of first appearance. */
export function groupRawHeaders(raw: readonly string[]): readonly HttpHeader[] {
  const groups = new Map<string, { name: string; values: string[] }>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const group = groups.get(name.toLowerCase()) ?? { name, values: [] };
    group.values.push(raw[i + 1] ?? '');
    groups.set(name.toLowerCase(), group);
  }
  return [...groups.values()];
}
