/** JSON values that come from elsewhere: from storage, from requests, from user code. Nothing of them is taken for granted. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value of JSON text; undefined, which no JSON stands for, when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The value of JSON text, or the text itself when it is none. */
export function parseJsonOrText(text: string): unknown {
  const value = parseJson(text);
  return value === undefined ? text : value;
}

/** The value of text that should be an object; undefined for any other value, and for text that is no JSON. */
export function parseRecord(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return isRecord(value) ? value : undefined;
}

/** Without the mark that .NET and editors of Windows put before UTF-8. JSON does not allow it. */
export function withoutBom(text: string): string {
  return text.replace(/^\uFEFF/, '');
}
