/**
 * A task hub in memory whose time stands still: it does all that can be done now, and no timer fires before a test lets time
 * pass. Nothing in it waits on a real clock, so that what happens is the same in each run.
 */
import { randomBytes } from 'node:crypto';
import { DurableError } from '../core/errors.ts';
import { TaskHubClient } from '../engine/task-hub-client.ts';
import type { FunctionInvoker } from '../engine/function-invoker.ts';
import { createTaskHubWorker, type TaskHubWorker } from '../engine/task-hub-worker.ts';
import { createMemoryBackend } from '../memory/memory-backend.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import type { Logger } from '../telemetry/log.ts';
import { StandingClock } from './standing-clock.ts';
import type { UserCode } from './user-code.ts';

const TASK_HUB = 'UnitTest';
/** What the fake timers of Vitest, Jest and Sinon have in common: @sinonjs/fake-timers leaves its clock there. */
function refuseFakeTimers(): void {
  if (!('clock' in setImmediate)) return;
  throw new DurableError(
    'CONFIG',
    "The timers of this process are fake, and the app cannot run on them. Its time stands still anyway: let it pass with skip({ hours: 1 }). To fake the date alone: vi.useFakeTimers({ toFake: ['Date'] }).",
  );
}

/** A message that comes back so often is not going to be taken; the pause lets the test go on. */
const MAX_REDELIVERIES = 50;
const LONG_PAUSE_MS = 60_000;
const CONCURRENCY = 1_000;

export interface TestHubOptions {
  readonly invoker: FunctionInvoker;
  readonly userCode: UserCode;
  readonly startMs: number;
  readonly log: Logger;
}

export class TestHub {
  readonly client: TaskHubClient;
  readonly #clock: StandingClock;
  readonly #store: MemoryStore;
  readonly #worker: TaskHubWorker;
  readonly #userCode: UserCode;

  constructor({ invoker, userCode, startMs, log }: TestHubOptions) {
    this.#clock = new StandingClock(startMs);
    this.#userCode = userCode;
    this.#store = new MemoryStore({
      clock: this.#clock,
      redeliveryPauseMs: (count) => (count > MAX_REDELIVERIES ? LONG_PAUSE_MS : 0),
    });
    const backend = createMemoryBackend({ store: this.#store });
    const ambient = {
      now: () => this.#clock.now(),
      newId: () => randomBytes(16).toString('hex'),
    };
    this.client = new TaskHubClient({ backend, ambient, log, taskHub: TASK_HUB });
    this.#worker = createTaskHubWorker({
      backend,
      invoker,
      ambient,
      log,
      settings: {
        taskHub: TASK_HUB,
        maxConcurrentActivities: CONCURRENCY,
        maxConcurrentOrchestrations: CONCURRENCY,
        commitWindowMs: 0,
        // What a test is for: code that would do something else at a replay is found at the step that it takes next.
        replaysAlways: true,
      },
    });
  }

  get now(): Date {
    return new Date(this.#clock.now());
  }

  async start(): Promise<void> {
    await this.#worker.start();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  /** Resolves when nothing can be done any more at this time; at once for user code that runs on the hub. */
  async settle(): Promise<void> {
    if (this.#userCode.isCaller) return;
    refuseFakeTimers();
    do {
      await this.#userCode.idle();
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (!this.#isSettled());
  }

  /** Lets time pass. */
  async skip(ms: number): Promise<void> {
    const endMs = this.#clock.now() + ms;
    for (;;) {
      await this.settle();
      const dueMs = this.#nextDueMs();
      if (dueMs === undefined || dueMs > endMs) break;
      this.#clock.moveTo(dueMs);
    }
    this.#clock.moveTo(endMs);
    await this.settle();
  }

  /** Goes on to the next time at which something is due. @returns false when nothing is. */
  async skipToNext(): Promise<boolean> {
    await this.settle();
    const dueMs = this.#nextDueMs();
    if (dueMs === undefined) return false;
    this.#clock.moveTo(dueMs);
    await this.settle();
    return true;
  }

  #isSettled(): boolean {
    const { controlQueues, workItems, nextDueInMs } = this.#store.backlog();
    const isControlIdle = controlQueues.every(({ waiting }) => waiting === 0) && nextDueInMs !== 0;
    return isControlIdle && workItems.waiting === 0 && workItems.hidden === 0;
  }

  #nextDueMs(): number | undefined {
    const { nextDueInMs } = this.#store.backlog();
    return nextDueInMs === undefined ? undefined : this.#clock.now() + nextDueInMs;
  }
}
