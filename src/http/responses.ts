/** Who answers requests, and the two kinds of answers that the API gives: JSON, and nothing but a status. */
import { jsonArray, type JsonText } from '../base/json-text.ts';

/** A Hono app, or a function behind one method. */
export interface FetchHandler {
  fetch(request: Request): Response | Promise<Response>;
}

export function emptyResponse(status: number): Response {
  return new Response(null, { status, headers: { 'content-length': '0' } });
}

export function jsonResponse(
  status: number,
  body: JsonText,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const response = new Response(body, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
  texts.set(response, body);
  return response;
}

const texts = new WeakMap<Response, string>();

/** The body of an answer that was made of a text, for who sends it: out of the answer it comes as a stream only. */
export function textOf(response: Response): string | undefined {
  return texts.get(response);
}

/** Bodies up to this length go out in one piece, with their length. */
const MAX_PIECE_LENGTH = 1024 * 1024;

/**
 * A JSON array whose elements are made one after the other, as the reader takes them: together they may be longer than any text
 * can be.
 * @param length about how long they are together, in characters.
 */
export function jsonArrayResponse(
  elements: readonly (() => JsonText)[],
  length: number,
  headers: Readonly<Record<string, string>>,
): Response {
  if (length <= MAX_PIECE_LENGTH) {
    return jsonResponse(200, jsonArray(elements.map((element) => element())), headers);
  }
  const encoder = new TextEncoder();
  const queue = elements.entries();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value } = queue.next();
      if (value === undefined) {
        controller.enqueue(encoder.encode(']'));
        controller.close();
        return;
      }
      const [index, element] = value;
      controller.enqueue(encoder.encode(`${index === 0 ? '[' : ','}${element()}`));
    },
  });
  return new Response(body, {
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** The error body of the Functions host: `{"Message":"…"}`. */
export function messageResponse(status: number, message: string): Response {
  return jsonResponse(status, JSON.stringify({ Message: message }));
}
