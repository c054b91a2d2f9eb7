/**
 * An HTTP proxy between the engine and Azurite, for one test: it counts the requests of a scenario, and does something bad to
 * one of them. A request and its retries (they share `x-ms-client-request-id`) count as one. Polls of queues, and what is said
 * about partitions, are not counted: they come by the clock, not by the scenario.
 */
import {
  startStorageProxy,
  type StorageAnswer,
  type StorageProxy,
  type StorageRequest,
} from './storage-proxy.ts';

/**
 * `refuse`: every try is answered with HTTP 500. `reset`: every try meets a broken connection. `lose`: storage does it, the
 * answer is lost, and no retry gets through. `lose-once`: the answer of the first try is lost, the retry gets through.
 * `stop-before`, `stop-after`: the caller is told when the request arrived, or was done, and it is never answered.
 */
export type FaultKind = 'refuse' | 'reset' | 'lose' | 'lose-once' | 'stop-before' | 'stop-after';

export interface Fault {
  readonly kind: FaultKind;
  /** Which request since `arm`, from 1. */
  readonly at: number;
  /** Count only requests whose method and path look so. */
  readonly of?: RegExp;
  /** For `stop-before` and `stop-after`. */
  readonly onStop?: () => void;
}

/** What befalls every request while it lasts: it waits, or it gets this answer in place of storage's. */
export type Spell =
  | { readonly waitMs: number }
  /** Its clock is so much ahead: it dates its answers by that, and refuses, like Azure, what is dated 15 minutes wrong. */
  | { readonly clockAheadMs: number }
  | {
      readonly status: number;
      /** `x-ms-error-code` */
      readonly code: string;
      readonly retryAfterSeconds?: number;
    };

/** In the path of a request, or in that of the first operation of a transaction. */
const PARTITIONS_TABLE = /\/\w+Partitions\(/;

export class FaultyProxy {
  /** The requests since `arm` that count, in order: method and path. */
  readonly seen: string[] = [];
  readonly #proxy: StorageProxy;
  readonly #ids = new Set<string>();
  #fault: Fault | undefined;
  #faultyId: string | undefined;
  #isStopped = false;
  #spell: Spell | undefined;

  private constructor(proxy: StorageProxy) {
    this.#proxy = proxy;
  }

  /** @param upstream connection string with an endpoint for each service. */
  static async start(upstream: string): Promise<FaultyProxy> {
    const started: { proxy?: FaultyProxy } = {};
    const proxy = await startStorageProxy(upstream, async (request, send) =>
      started.proxy?.handle(request, send),
    );
    started.proxy = new FaultyProxy(proxy);
    return started.proxy;
  }

  get connectionString(): string {
    return this.#proxy.connectionString;
  }

  /** From now on requests are counted; one of them suffers. */
  arm(fault?: Fault): void {
    this.#fault = fault;
    this.seen.length = 0;
  }

  /** From now on, until it is lifted by undefined. */
  cast(spell: Spell | undefined): void {
    this.#spell = spell;
  }

  /** Whether the fault has happened. */
  get hasStruck(): boolean {
    return this.#faultyId !== undefined;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#proxy.stop();
  }

  /** @returns undefined when the connection is to break. */
  async handle(
    request: StorageRequest,
    send: () => Promise<StorageAnswer>,
  ): Promise<StorageAnswer | undefined> {
    const id = String(request.headers['x-ms-client-request-id']);
    const isFirstTry = !this.#ids.has(id);
    if (isFirstTry) this.#count(id, request);
    const fault = id === this.#faultyId ? this.#fault : undefined;
    // Whoever was stopped is dead: nothing more gets through.
    if (this.#isStopped) return undefined;
    const spell = this.#spell;
    if (spell && 'status' in spell) return answerOf(spell);
    if (spell && 'clockAheadMs' in spell) return byClock(spell.clockAheadMs, request, send);
    if (spell) await new Promise((resolve) => setTimeout(resolve, spell.waitMs));
    switch (fault?.kind) {
      case undefined:
        return await send();
      case 'refuse':
        return { status: 500, headers: { 'content-length': '0' }, body: Buffer.alloc(0) };
      case 'reset':
        return undefined;
      case 'lose':
        if (isFirstTry) await send();
        return undefined;
      case 'lose-once':
        if (!isFirstTry) return await send();
        await send();
        return undefined;
      case 'stop-before':
      case 'stop-after':
        if (fault.kind === 'stop-after') await send();
        this.#isStopped = true;
        fault.onStop?.();
        return undefined;
    }
  }

  #count(id: string, { method, url, body }: StorageRequest): void {
    this.#ids.add(id);
    if (method === 'GET' && /\/messages(\?|$)/.test(url)) return;
    if (PARTITIONS_TABLE.test(url) || PARTITIONS_TABLE.test(body.toString('latin1'))) return;
    const what = `${method} ${url.split('?', 1)[0] ?? ''}`;
    if (this.#fault?.of?.test(what) === false) return;
    this.seen.push(what);
    if (this.seen.length === this.#fault?.at && this.#faultyId === undefined) this.#faultyId = id;
  }
}

const MOST_WRONG_MS = 15 * 60_000;

async function byClock(
  aheadMs: number,
  { headers }: StorageRequest,
  send: () => Promise<StorageAnswer>,
): Promise<StorageAnswer> {
  const nowMs = Date.now() + aheadMs;
  const datedMs = Date.parse(String(headers['x-ms-date'] ?? headers.date));
  const isWrong = Math.abs(nowMs - datedMs) > MOST_WRONG_MS;
  const answer = isWrong ? answerOf({ status: 403, code: 'AuthenticationFailed' }) : await send();
  return { ...answer, headers: { ...answer.headers, date: new Date(nowMs).toUTCString() } };
}

function answerOf({
  status,
  code,
  retryAfterSeconds,
}: Extract<Spell, { status: number }>): StorageAnswer {
  const wait = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const body = Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
  const headers = {
    'x-ms-error-code': code,
    'content-type': 'application/xml',
    'content-length': String(body.length),
    ...wait,
  };
  return { status, headers, body };
}
