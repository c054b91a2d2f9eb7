/**
 * PartitionKeys: an instance id with the characters that a table key may not hold replaced. Works on UTF-16 units and is not
 * idempotent: escape exactly once. Mirrors KeySanitation.
 */
const FORBIDDEN = /[\^/\\#?\u0000-\u001f\u007f-\u009f]/g;
const CODES = { '^': '^', '/': '0', '\\': '1', '#': '2', '?': '3' } as const;
const CHARACTERS = { '^': '^', '0': '/', '1': '\\', '2': '#', '3': '?' } as const;
/** Control characters are shifted by this into letters that a key may hold. */
const SHIFT = 0xc0;

export function escapeKey(instanceId: string): string {
  return instanceId.replace(FORBIDDEN, (unit) => {
    const code = CODES[unit as keyof typeof CODES] as string | undefined;
    return `^${code ?? String.fromCharCode(SHIFT + unit.charCodeAt(0))}`;
  });
}

export function unescapeKey(key: string): string {
  return key.replace(/\^([^])/g, (_, unit: string) => {
    const character = CHARACTERS[unit as keyof typeof CHARACTERS] as string | undefined;
    if (character !== undefined) return character;
    const code = unit.charCodeAt(0);
    return code < SHIFT ? unit : String.fromCharCode(code - SHIFT);
  });
}
