/**
 * JSON text as Newtonsoft writes it, plus escapes for what a queue message cannot carry as plain text. Objects are built
 * from members in order, because `$type` must come first and a JavaScript object moves keys that look like numbers to the front.
 */

// Newtonsoft escapes U+0085, U+2028 and U+2029. XML 1.0, the envelope of a queue message, forbids U+FFFE and U+FFFF (and lone
// surrogates, which JSON.stringify escapes). U+007F to U+009F are legal XML and stay, as .NET leaves them.
const ESCAPED = /[\u0085\u2028\u2029\ufffe\uffff]/g;

/** A member's name and its value as JSON text. */
export type JsonMember = readonly [name: string, json: string];

/** @param value anything that JSON can hold; not undefined. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPED, escapeUnit);
}

/** The text of an object with exactly these members, in this order. */
export function objectText(members: readonly JsonMember[]): string {
  return `{${members.map(([name, json]) => `${toJsonText(name)}:${json}`).join(',')}}`;
}

/** A UTF-16 unit as JSON may write it inside of a text. */
export function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
