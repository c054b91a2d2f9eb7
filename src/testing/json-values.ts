/**
 * The values of an app as a test sees them. A test runner with realms of its own (Jest) compares classes too, so everything that
 * a test gets is made by its JSON.parse.
 */
let parse: (text: string) => unknown = JSON.parse;

/** From now on values are of the realm of this JSON.parse. */
export function parseWith(parseInRealm: (text: string) => unknown): void {
  parse = parseInRealm;
}

/** JSON text; null for nothing. */
export function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** What the JSON text stands for; a text that is none, such as a reason, stands for itself. */
export function valueOf(text: string | null): unknown {
  if (text === null) return null;
  try {
    return parse(text);
  } catch {
    // A SyntaxError, of whatever realm.
    return text;
  }
}

/** The same value for a test. */
export function forTest<Value>(value: Value): Value {
  return value === undefined ? value : (parse(JSON.stringify(value)) as Value);
}
