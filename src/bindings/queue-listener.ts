/**
 * Polls the queue of one function: at once while there are messages, ever more rarely while there are none. At most
 * `batchSize` + `newBatchThreshold` messages run at a time. Mirrors QueueListener of the WebJobs storage extension.
 */
import { whenAborted } from '../base/abort.ts';
import { Doze } from '../base/doze.ts';
import { PollBackoff } from '../base/back-off.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HeldMessage, TriggerQueue } from './trigger-queue.ts';

export interface QueueListenerOptions {
  readonly queue: TriggerQueue;
  /** Messages received at a time, 1 to 32. */
  readonly batchSize: number;
  /** Messages in work at which the next batch is received. */
  readonly newBatchThreshold: number;
  readonly maxPollingIntervalMs: number;
  readonly log: Logger;
  /** Brings one message to its end; never rejects. */
  readonly run: (message: HeldMessage) => Promise<void>;
}

const MIN_POLLING_INTERVAL_MS = 100;

export class QueueListener {
  readonly #options: QueueListenerOptions;
  readonly #backoff: PollBackoff;
  readonly #untilNextPoll = new Doze();
  readonly #untilRoom = new Doze();
  readonly #running = new Map<HeldMessage, Promise<void>>();
  #isStopping = false;
  /** What went wrong at the last poll; the same again is no news. */
  #failure = '';
  #polling: Promise<void> = Promise.resolve();

  constructor(options: QueueListenerOptions) {
    this.#options = options;
    this.#backoff = new PollBackoff(
      options.maxPollingIntervalMs,
      Math.random,
      MIN_POLLING_INTERVAL_MS,
    );
  }

  start(): void {
    this.#polling = this.#poll();
  }

  /** There is a new message: look now. */
  wake(): void {
    this.#untilNextPoll.wake();
  }

  /**
   * Receives no more messages and resolves when those in work have come to their end; when `abort` fires, gives back what is
   * still in work instead of waiting for it.
   */
  async stop(abort: AbortSignal): Promise<void> {
    this.#isStopping = true;
    this.#untilNextPoll.wake();
    this.#untilRoom.wake();
    await this.#polling;
    if (!abort.aborted)
      await Promise.race([Promise.all(this.#running.values()), whenAborted(abort)]);
    await Promise.all([...this.#running.keys()].map((message) => this.#giveBack(message)));
  }

  async #poll(): Promise<void> {
    while (!this.#isStopping) {
      const pauseMs = await this.#pollOnce();
      if (pauseMs > 0) await this.#untilNextPoll.sleep(pauseMs);
      await this.#waitForRoom();
    }
  }

  async #waitForRoom(): Promise<void> {
    while (this.#running.size > this.#options.newBatchThreshold && !this.#isStopping) {
      await this.#untilRoom.sleep(Infinity);
    }
  }

  /** @returns the pause before the next poll. */
  async #pollOnce(): Promise<number> {
    const { queue, batchSize, log } = this.#options;
    try {
      const messages = await queue.receive(batchSize);
      this.#failure = '';
      for (const message of messages) this.#begin(message);
      if (messages.length === 0) return this.#backoff.nextMs();
      this.#backoff.reset();
      return 0;
    } catch (error) {
      const failure = errorText(error);
      const level = failure === this.#failure ? 'debug' : 'error';
      this.#failure = failure;
      text(log, level, 'Host.Triggers.Queue', failure, error);
      return this.#backoff.nextMs();
    }
  }

  #begin(message: HeldMessage): void {
    const run = this.#options.run(message).finally(() => {
      this.#running.delete(message);
      this.#untilRoom.wake();
    });
    this.#running.set(message, run);
  }

  async #giveBack(message: HeldMessage): Promise<void> {
    const { queue, log } = this.#options;
    try {
      await queue.release(message, 0);
    } catch (error) {
      text(log, 'warning', 'Host.Triggers.Queue', errorText(error), error);
    }
  }
}
