/**
 * A loop that fetches work and processes it, with a bounded number of items at once. Knows nothing of what the work means.
 *
 * L1 There are no more fetches waiting than free slots. They hold none: others may take slots meanwhile, and each one that is
 *    not free again in the same turn of the event loop ends a fetch. An item that comes all the same goes back at once, so that
 *    nothing is kept from those who have room.
 * L2 A loop that has had no room for a while waits for a slot of its own, before those who only try: it has its turn.
 * L3 A failing fetch pauses the loop and never ends it.
 * L4 `stop` fetches no more and resolves when the last item is done.
 */
import { PollBackoff } from '../base/back-off.ts';
import { pause } from '../base/pause.ts';
import type { Slots } from '../base/slots.ts';
import { loopFailed } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';

export interface WorkLoopOptions<Item> {
  /** For logs. */
  readonly name: string;
  readonly taskHub: string;
  readonly log: Logger;
  /** May be shared with others who take slots for work of their own. */
  readonly slots: Slots;
  /** Waits for an item; undefined when aborted. */
  readonly fetch: (signal: AbortSignal) => Promise<Item | undefined>;
  /** Handles every outcome of the item itself; a throw is logged as a defect of the loop. */
  readonly process: (item: Item) => Promise<void>;
  /** Leaves an item to whoever has room: nobody has begun with it. */
  readonly giveBack: (item: Item) => Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** How long others may keep a loop from fetching. */
const TURN_AFTER_MS = 1_000;
/** Why fetches are given up. One for all: an `abort()` without a reason makes an exception with a stack each time. */
const NO_ROOM = new Error('There is no room for more work.');
/** How long the slot of a turn waits for an item: time enough to ask storage once. */
const TURN_MS = 250;

export class WorkLoop<Item> {
  readonly #options: WorkLoopOptions<Item>;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** What ends the fetches that wait without a slot. */
  readonly #fetches = new Set<AbortController>();
  /** Of fetches that were not ended: for the next ones. */
  readonly #unused: AbortController[] = [];
  #isAdjustmentDue = false;
  /** What ends the fetch that holds a slot. */
  #turn: AbortController | undefined;
  #untilTurn: NodeJS.Timeout | undefined;
  readonly #backoff = new PollBackoff(LONGEST_PAUSE_MS, Math.random, FIRST_PAUSE_MS);
  #unsubscribe: (() => void) | undefined;

  constructor(options: WorkLoopOptions<Item>) {
    this.#options = options;
  }

  start(): void {
    if (this.#unsubscribe !== undefined) return;
    this.#unsubscribe = this.#options.slots.onChange(() => {
      this.#adjustSoon();
    });
    this.#adjust();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#stopping.abort();
    clearTimeout(this.#untilTurn);
    for (const fetch of this.#fetches) fetch.abort(NO_ROOM);
    this.#turn?.abort(NO_ROOM);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Most slots that others take are free again at once: of activities that never wait, all. */
  #adjustSoon(): void {
    if (this.#isAdjustmentDue) return;
    this.#isAdjustmentDue = true;
    setImmediate(() => {
      this.#isAdjustmentDue = false;
      this.#adjust();
    });
  }

  /** Has as many fetches waiting as slots are free. */
  #adjust(): void {
    if (this.#stopping.signal.aborted) return;
    const { slots } = this.#options;
    for (const fetch of this.#fetches) {
      if (this.#fetches.size <= slots.free) break;
      this.#fetches.delete(fetch);
      fetch.abort(NO_ROOM);
    }
    while (this.#fetches.size < slots.free) this.#run(this.#fetchFreely());
    if (this.#fetches.size === 0) this.#untilTurn ??= this.#scheduleTurn();
  }

  /** A fetch that has come and gone meanwhile is no turn: often it had no time to find anything. */
  #scheduleTurn(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#untilTurn = undefined;
      if (this.#fetches.size === 0 && this.#turn === undefined) this.#run(this.#takeTurn());
    }, TURN_AFTER_MS).unref();
  }

  #run(work: Promise<void>): void {
    const running: Promise<void> = work.finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #fetchFreely(): Promise<void> {
    const giveUp = this.#unused.pop() ?? new AbortController();
    this.#fetches.add(giveUp);
    const item = await this.#fetch(giveUp.signal);
    this.#fetches.delete(giveUp);
    if (!giveUp.signal.aborted) this.#unused.push(giveUp);
    await this.#goOn(item, false);
  }

  /** A fetch in a slot of its own. When nothing comes, it goes on as the others, and the slot is everybody's. */
  async #takeTurn(): Promise<void> {
    const { slots } = this.#options;
    const giveUp = new AbortController();
    this.#turn = giveUp;
    if (!(await slots.acquire(this.#stopping.signal))) return;
    const timer = setTimeout(() => {
      this.#turn = undefined;
      this.#fetches.add(giveUp);
      slots.release();
    }, TURN_MS);
    const item = await this.#fetch(giveUp.signal);
    clearTimeout(timer);
    this.#fetches.delete(giveUp);
    const hasSlot = this.#turn === giveUp;
    if (hasSlot) this.#turn = undefined;
    await this.#goOn(item, hasSlot);
  }

  async #goOn(item: Item | undefined, hasSlot: boolean): Promise<void> {
    const { slots } = this.#options;
    if (item === undefined) {
      if (hasSlot) slots.release();
      else this.#adjust();
    } else if (hasSlot || slots.tryAcquire()) {
      await this.#process(item);
    } else {
      await this.#giveBack(item);
    }
  }

  /** undefined when it was aborted, or failed: then after a pause. */
  async #fetch(signal: AbortSignal): Promise<Item | undefined> {
    try {
      const item = await this.#options.fetch(signal);
      this.#backoff.reset();
      return item;
    } catch (error) {
      const pauseMs = this.#backoff.nextMs();
      this.#logFailure(error, Math.round(pauseMs));
      await pause(pauseMs, signal);
      return undefined;
    }
  }

  /** Processes the item in the slot that was taken for it, and frees that. */
  async #process(item: Item): Promise<void> {
    try {
      await this.#options.process(item);
    } catch (error) {
      this.#logFailure(error, 0);
    } finally {
      this.#options.slots.release();
    }
  }

  async #giveBack(item: Item): Promise<void> {
    try {
      await this.#options.giveBack(item);
    } catch (error) {
      this.#logFailure(error, 0);
    }
  }

  #logFailure(error: unknown, pauseMs: number): void {
    const { log, taskHub, name } = this.#options;
    loopFailed(log, { taskHub, loop: name, pauseMs }, error);
  }
}
