/**
 * Requests to the management API beside which the dashboard is served. The key, where one is needed, is kept as long as the tab of
 * the browser: it goes into a header, never into an address.
 */
import { signal } from '@preact/signals';
import type { RuntimeStatus } from '../core/instance-status.ts';
import { parseExact, type Json } from './exact-json.ts';

const KEY_ITEM = 'durable-dashboard-key';
/** The page is at `<API>/dashboard/`. */
const API_URL = new URL('../', document.baseURI);
const CONTINUATION_HEADER = 'x-ms-continuation-token';

/** As GET /instances shows it. */
export interface InstanceStatus {
  readonly instanceId: string;
  readonly name: string;
  readonly version?: string;
  readonly parentInstanceId?: string;
  readonly runtimeStatus: RuntimeStatus;
  readonly input: Json;
  readonly customStatus: Json;
  readonly output: Json;
  /** ISO 8601, UTC, whole seconds. */
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
}

/** What the host says about this dashboard. */
export interface Session {
  readonly taskHub: string;
  readonly isReadOnly: boolean;
  /** Whether what cannot be undone (purge, drop) is offered. */
  readonly allowsDangerous: boolean;
  readonly version: string;
}

/** Whether the API wants a key that it has not got. Whoever shows pages asks for it. */
export const isKeyWanted = signal(false);

/** An answer that says no; the message is for people. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Undefined and empty values are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly continuationToken?: string | undefined;
  /** Of the answer that is known: the new one has status 304 when nothing has changed. */
  readonly etag?: string | undefined;
  /** JSON text. */
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  /** null when the answer has no body. */
  readonly body: Json;
  readonly continuationToken: string | undefined;
  readonly etag: string | undefined;
}

/**
 * @param path segments below the API, not encoded yet: `['instances', id, 'terminate']`.
 * @throws {ApiError} for any answer but success; status 0 when there was none.
 */
export async function callApi(
  path: readonly string[],
  { method = 'GET', query = {}, continuationToken, etag, body, signal: abort }: ApiRequest = {},
): Promise<ApiAnswer> {
  const response = await send(apiUrl(path, query), {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(continuationToken !== undefined && { [CONTINUATION_HEADER]: continuationToken }),
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...keyHeader(),
    },
    // Whoever has a tag wants to hear of it.
    cache: 'no-store',
    ...(body !== undefined && { body }),
    ...(abort && { signal: abort }),
  });
  const text = await response.text();
  if (response.status === 401) isKeyWanted.value = true;
  if (!response.ok && response.status !== 304)
    throw new ApiError(response.status, refusalText(response.status, text));
  return {
    status: response.status,
    body: text === '' ? null : parseExact(text),
    continuationToken: response.headers.get(CONTINUATION_HEADER) || undefined,
    etag: response.headers.get('etag') ?? undefined,
  };
}

/**
 * What the host says of its hub, piece by piece, as long as it does.
 * @throws {ApiError} when it refuses.
 */
export async function openEvents(abort: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const response = await send(apiUrl(['events']), {
    headers: { accept: 'text/event-stream', ...keyHeader() },
    cache: 'no-store',
    signal: abort,
  });
  if (response.ok && response.body !== null) return response.body;
  if (response.status === 401) isKeyWanted.value = true;
  throw new ApiError(response.status, refusalText(response.status, await response.text()));
}

/** The address of an operation, without the key. */
export function apiUrl(path: readonly string[], query: ApiRequest['query'] = {}): URL {
  const url = new URL(path.map(encodeURIComponent).join('/'), API_URL);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url;
}

/** Used from now on, as long as the tab is open. */
export function rememberKey(key: string): void {
  sessionStorage.setItem(KEY_ITEM, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(KEY_ITEM);
}

export function hasKey(): boolean {
  return Object.keys(keyHeader()).length > 0;
}

function keyHeader(): Record<string, string> {
  const key = sessionStorage.getItem(KEY_ITEM) ?? new URLSearchParams(location.search).get('code');
  return key === null || key === '' ? {} : { 'x-functions-key': key };
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError(0, 'The host does not answer. Is it running?');
  }
}

/** The API answers with an object that has a `Message`, with a JSON string, or with nothing but a status. */
function refusalText(status: number, text: string): string {
  const said = messageIn(text);
  if (said !== '') return said;
  switch (status) {
    case 401:
      return 'A key is needed.';
    case 404:
      return 'It is not there (any more).';
    case 410:
      return 'The instance has ended already.';
    default:
      return `The host answered ${status}.`;
  }
}

function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'string') return body;
    if (typeof body !== 'object' || body === null) return '';
    const { Message: message, ExceptionMessage: detail } = body as Record<string, unknown>;
    const texts = [message, detail].filter((each) => typeof each === 'string' && each !== '');
    return [...new Set(texts)].join(' ');
  } catch {
    // No JSON: a proxy on the way has answered.
    return text.slice(0, 200);
  }
}
