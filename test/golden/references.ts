/**
 * JSON that keeps identity: an object that occurs a second time is written as `{"$ref": path of the first}`. The SDKs answer
 * the very same action object for the same task, and that is what tells a task waited for again from a new one.
 */
type Path = readonly (string | number)[];

export function withReferences(root: unknown): unknown {
  const seen = new Map<object, Path>();
  const copy = (value: unknown, path: Path): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return JSON.parse(JSON.stringify(value)) as unknown;
    }
    const known = seen.get(value);
    if (known) return { $ref: known.join('/') };
    seen.set(value, path);
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined && typeof member !== 'function')
        .map(([name, member]) => [name, copy(member, [...path, name])]),
    );
  };
  return copy(root, []);
}

/** The value with its references replaced by the objects that they mean. */
export function withoutReferences(root: unknown): unknown {
  const made = new Map<string, unknown>();
  const restore = (value: unknown, path: Path): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$ref' in value && typeof value.$ref === 'string') return made.get(value.$ref);
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    made.set(path.join('/'), copy);
    for (const [name, member] of Object.entries(value)) {
      Reflect.set(copy, name, restore(member, [...path, name]));
    }
    return copy;
  };
  return restore(root, []);
}
