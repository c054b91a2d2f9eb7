/**
 * JSON that travels as text. Inputs, outputs and event payloads are validated, embedded and compacted without ever being
 * rebuilt from values, so that numbers beyond 2^53, number spellings and the order of members survive the way through HTTP.
 */
export type JsonText = string;

/** What is nested more deeply can be read, but not be written again: JSON.stringify ends at some thousands of levels. */
const MAX_DEPTH = 1_000;

/** Why the text is no JSON that can be worked with; undefined when it is. */
export function jsonSyntaxError(text: string): SyntaxError | undefined {
  try {
    JSON.parse(text);
    return isTooDeep(text)
      ? new SyntaxError(`The JSON is nested more than ${MAX_DEPTH} levels deep.`)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}

/**
 * A stored payload as a JSON value: JSON as it is, other text (a reason, an error) as a JSON string.
 * Mirrors DurableClient.ParseToJToken.
 */
export function embedPayload(payload: string | null): JsonText {
  if (payload === null) return 'null';
  const text = payload.trim();
  return text !== '' && jsonSyntaxError(text) === undefined ? text : JSON.stringify(text);
}

/** @param members names with their values as JSON text. */
export function jsonObject(
  members: readonly (readonly [name: string, value: JsonText])[],
): JsonText {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

export function jsonArray(elements: readonly JsonText[]): JsonText {
  return `[${elements.join(',')}]`;
}

/** Drops the white space between tokens. @param text valid JSON. */
export function compactJson(text: JsonText): JsonText {
  if (!/\s/.test(text)) return text;
  let compact = '';
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    compact += text.slice(at, end).replace(/\s+/g, '');
    if (quote === -1) break;
    at = afterString(text, quote);
    compact += text.slice(quote, at);
  }
  return compact;
}

/** @param text valid JSON. */
function isTooDeep(text: JsonText): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (unit === '"') at = afterString(text, at) - 1;
    else if (unit === '[' || unit === '{') {
      if (++depth > MAX_DEPTH) return true;
    } else if (unit === ']' || unit === '}') depth--;
  }
  return false;
}

/** The index behind the string literal that begins at `quote`. */
function afterString(text: JsonText, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
}
