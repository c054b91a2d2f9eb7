/**
 * A loop that fetches work and processes it, with a bounded number of items at once. Knows nothing of what the work means.
 * L1 There are never more fetches waiting than free slots, so that nothing is taken that has to wait long.
 * L2 A failing fetch pauses the loop and never ends it.
 * L3 `stop` fetches no more and resolves when the last item is done.
 */
import { loopFailed } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { pause } from '../base/pause.ts';
import type { Slots } from '../base/slots.ts';

export interface WorkLoopOptions<Item> {
  /** For logs. */
  readonly name: string;
  readonly taskHub: string;
  readonly log: Logger;
  readonly slots: Slots;
  /** Waits for an item; undefined when aborted. */
  readonly fetch: (signal: AbortSignal) => Promise<Item | undefined>;
  /** Handles every outcome of the item itself; a throw is logged as a defect of the loop. */
  readonly process: (item: Item) => Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export class WorkLoop<Item> {
  readonly #options: WorkLoopOptions<Item>;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #fetching = 0;
  #pauseMs = 0;
  #loop: Promise<void> | undefined;

  constructor(options: WorkLoopOptions<Item>) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (await this.#options.slots.whenMoreFreeThan(() => this.#fetching, signal)) {
      if (this.#pauseMs > 0) await pause(this.#pauseMs, signal);
      this.#fetching++;
      const work: Promise<void> = this.#fetchAndProcess(signal).finally(() => {
        this.#running.delete(work);
      });
      this.#running.add(work);
    }
  }

  async #fetchAndProcess(signal: AbortSignal): Promise<void> {
    const { slots, fetch, process } = this.#options;
    let item: Item | undefined;
    try {
      item = await fetch(signal);
      this.#pauseMs = 0;
    } catch (error) {
      this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      this.#logFailure(error, this.#pauseMs);
    }
    if (item !== undefined) await slots.acquire();
    this.#fetching--;
    slots.recheck();
    if (item === undefined) return;
    try {
      await process(item);
    } catch (error) {
      this.#logFailure(error, 0);
    } finally {
      slots.release();
    }
  }

  #logFailure(error: unknown, pauseMs: number): void {
    const { log, taskHub, name } = this.#options;
    loopFailed(log, { taskHub, loop: name, pauseMs }, error);
  }
}
