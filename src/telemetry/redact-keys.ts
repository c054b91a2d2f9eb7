/** Keys and signatures must not get into logs, wherever the text comes from: a URL, an error, what user code prints. */

/** `?code=…` and `&sig=…` of URLs, also where JSON has escaped the ampersand; `x-functions-key: …` and `"x-functions-key":"…"`. */
const IN_QUERY = /((?:[?&]|\\u0026|%3F|%26)(?:code|sig)(?:=|%3D))[^&\s"'<>\\]+/gi;
const IN_HEADER = /(x-functions-key["']?\s*[:=]\s*["']?)[^\s"',}]+/gi;
/** A key as the host makes it, wherever it stands: 44 characters, `AzFu`, and the checksum. */
const KEY = /[\w-]{44}AzFu[\w-]{5}[AQgw](?:==|%3D%3D)/gi;

export function redactKeys(text: string): string {
  return text
    .replace(IN_QUERY, '$1[redacted]')
    .replace(IN_HEADER, '$1[redacted]')
    .replace(KEY, '[redacted]');
}
