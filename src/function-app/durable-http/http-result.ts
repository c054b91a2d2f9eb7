/**
 * An answer → the JSON that becomes the activity's result. Headers that describe the content are left out, because they are
 * where .NET keeps them: with the content. Mirrors DurableHttpResponse.CreateDurableHttpResponseWithHttpResponseMessage.
 */
import { promisify, TextDecoder } from 'node:util';
// eslint-disable-next-line no-restricted-imports -- the content of an answer, with a limit
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { findHeader, type HttpHeader, isNamed } from './http-headers.ts';
import type { FinalAnswer } from './http-redirects.ts';

/** The properties of HttpContentHeaders. */
const CONTENT_HEADERS: readonly string[] = [
  'allow',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'expires',
  'last-modified',
];

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

/**
 * `{"statusCode":200,"headers":{"Date":"…"},"content":"…"}`
 * @param maxBodyBytes of the content, once decompressed.
 * @throws {Error} when the content is not what its Content-Encoding says.
 */
export async function httpResult(answer: FinalAnswer, maxBodyBytes: number): Promise<string> {
  const { statusCode } = answer;
  const headers = Object.fromEntries(
    answer.headers
      .filter(({ name }) => !CONTENT_HEADERS.includes(name.toLowerCase()))
      .map((header) => [header.name, valueOf(header, answer)]),
  );
  const content = textOf(await decompressed(answer, maxBodyBytes), answer.headers);
  return JSON.stringify({ statusCode, headers, content });
}

function valueOf(header: HttpHeader, { statusCode, url }: FinalAnswer): string | readonly string[] {
  const [first = ''] = header.values;
  if (statusCode === 202 && isNamed(header, 'location')) return absolute(first, url);
  return header.values.length === 1 ? first : header.values;
}

/** The poll is relative to who answered, which after a redirect only we know. */
function absolute(location: string, url: URL): string {
  return URL.canParse(location) || !URL.canParse(location, url.href)
    ? location
    : new URL(location, url).href;
}

async function decompressed(answer: FinalAnswer, maxOutputLength: number): Promise<Buffer> {
  const encoding = findHeader(answer.headers, 'content-encoding')?.trim().toLowerCase() ?? '';
  const isKnown = Object.hasOwn(DECODERS, encoding);
  if (!isKnown || answer.body.byteLength === 0) return answer.body;
  try {
    return await DECODERS[encoding as keyof typeof DECODERS](answer.body, { maxOutputLength });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The answer of ${answer.url.origin}${answer.url.pathname} is no ${encoding} content of at most ${maxOutputLength} bytes: ${reason}`,
      { cause: error },
    );
  }
}

/** In the charset of Content-Type; UTF-8 if there is none, or one that this Node does not know. */
function textOf(body: Buffer, headers: readonly HttpHeader[]): string {
  const type = findHeader(headers, 'content-type') ?? '';
  const charset = /;\s*charset\s*=\s*"?(?<name>[^";\s]+)/i.exec(type)?.groups?.['name'];
  return decoder(charset).decode(body);
}

function decoder(charset = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder();
    throw error;
  }
}
