/** Who answers requests, and the two kinds of answers that the API gives: JSON, and nothing but a status. */
import type { JsonText } from '../base/json-text.ts';

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
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** The error body of the Functions host: `{"Message":"…"}`. */
export function messageResponse(status: number, message: string): Response {
  return jsonResponse(status, JSON.stringify({ Message: message }));
}
