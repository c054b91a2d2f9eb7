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
