// JSON in and out of HTTP functions.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';

/** The body as JSON; undefined when there is none; plain text when it is not JSON. */
export async function readBody(request: HttpRequest): Promise<unknown> {
  const text = await request.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

export function failure(status: number, error: string): HttpResponseInit {
  return { status, jsonBody: { error } };
}

export function notFound(instanceId: string): HttpResponseInit {
  return failure(404, `There is no instance '${instanceId}'.`);
}
