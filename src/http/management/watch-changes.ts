/**
 * GET /events: which instances this process works on, as server-sent events: a hint to look again, in place of looking all the time.
 * Ours. What comes close together is told at once, and a client that reads slowly is told the less often: nothing is queued for it.
 */
import type { InstanceId } from '../../core/ids.ts';
import { DurableError } from '../../core/errors.ts';
import { messageResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

/** So long others may follow, before it is told. */
const TOGETHER_MS = 200;
/** More of them are told as `null`: whoever shows some of them looks again. */
const MAX_IDS = 100;
/** Proxies end connections on which nothing happens. */
const SIGN_OF_LIFE_MS = 15_000;

export function watchChanges(call: OperationCall): Promise<Response> {
  if (!call.streams) {
    throw new DurableError(
      'NOT_SUPPORTED',
      'This host sends answers as a whole, so that they cannot be followed. Ask for instances again and again instead.',
    );
  }
  const stream = new ChangeStream(call.signal);
  const leave = call.client.watch(stream);
  if (leave === undefined) {
    return Promise.resolve(
      messageResponse(
        503,
        'As many listen to this host as may, or it stops. Ask for instances again and again instead.',
      ),
    );
  }
  return Promise.resolve(
    new Response(stream.open(leave), {
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // Some proxies keep answers back until they are long enough.
        'x-accel-buffering': 'no',
      },
    }),
  );
}

class ChangeStream {
  readonly #signal: AbortSignal;
  readonly #encoder = new TextEncoder();
  readonly #changed = new Set<InstanceId>();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #untilTold: NodeJS.Timeout | undefined;
  #signsOfLife: NodeJS.Timeout | undefined;
  #leave: () => void = () => undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  open(leave: () => void): ReadableStream<Uint8Array> {
    const close = (): void => {
      this.closed();
    };
    this.#leave = () => {
      leave();
      this.#signal.removeEventListener('abort', close);
    };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        this.#send(': open\n\n');
      },
      pull: () => {
        this.#plan();
      },
      cancel: () => {
        this.#controller = undefined;
        this.closed();
      },
    });
    this.#signsOfLife = setInterval(() => {
      if (this.#isRead()) this.#send(': alive\n\n');
    }, SIGN_OF_LIFE_MS).unref();
    if (this.#signal.aborted) this.closed();
    else this.#signal.addEventListener('abort', close);
    return body;
  }

  changed(instanceId: InstanceId): void {
    if (this.#changed.size <= MAX_IDS) this.#changed.add(instanceId);
    this.#plan();
  }

  closed(): void {
    clearTimeout(this.#untilTold);
    clearInterval(this.#signsOfLife);
    this.#leave();
    this.#controller?.close();
    this.#controller = undefined;
  }

  #plan(): void {
    if (this.#changed.size === 0 || !this.#isRead()) return;
    this.#untilTold ??= setTimeout(() => {
      this.#untilTold = undefined;
      if (!this.#isRead()) return;
      const instanceIds = this.#changed.size > MAX_IDS ? null : [...this.#changed];
      this.#changed.clear();
      this.#send(`data: ${JSON.stringify({ instanceIds })}\n\n`);
    }, TOGETHER_MS).unref();
  }

  /** Whether what was sent has been taken. */
  #isRead(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  #send(text: string): void {
    this.#controller?.enqueue(this.#encoder.encode(text));
  }
}
