/**
 * Activities for this process: those it holds already, then those it finds in the work-item queue. The queue is asked only
 * while somebody waits, one request at a time, for as many items as there are callers.
 * Mirrors WorkItemQueue and AzureStorageOrchestrationService.LockNextTaskActivityWorkItem.
 */
import { CorruptMessageError } from '../../core/errors.ts';
import {
  type ActivityMessage,
  isActivityMessage,
  type TaskMessage,
} from '../../core/task-message.ts';
import type { ActivityWorkItem } from '../../engine/backend.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { HeldMessage } from './held-message.ts';
import { WaitingLine } from '../../base/waiting-line.ts';
import { Doze } from '../../base/doze.ts';
import type { MessageQueue } from './message-queue.ts';
import type { MessageReader } from './message-reader.ts';
import { PollLoop, type PollOutcome } from './poll-loop.ts';

/** The most that storage hands out in one request. */
const MAX_BATCH_SIZE = 32;

export interface WorkItemQueueOptions {
  readonly taskHub: string;
  readonly reader: MessageReader;
  readonly log: Logger;
  readonly visibilityTimeoutMs: number;
  readonly maxPollingIntervalMs: number;
  readonly selfLeaseMs: number;
}

export class WorkItemQueue {
  readonly #queue: MessageQueue;
  readonly #options: WorkItemQueueOptions;
  readonly #held = new Set<HeldMessage<ActivityMessage>>();
  readonly #line = new WaitingLine<ActivityWorkItem>(() => this.#take());
  readonly #demand = new Doze();
  readonly #loop: PollLoop;

  constructor(queue: MessageQueue, options: WorkItemQueueOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#loop = new PollLoop({
      taskHub: options.taskHub,
      name: queue.name,
      log: options.log,
      maxPauseMs: options.maxPollingIntervalMs,
      selfLeaseMs: options.selfLeaseMs,
      poll: () => this.#poll(),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Stops receiving. Resolves with the activities that were not taken. */
  async stop(): Promise<readonly HeldMessage[]> {
    const stopped = this.#loop.stop();
    this.#demand.wake();
    await stopped;
    const untaken = [...this.#held];
    this.#held.clear();
    return untaken;
  }

  /** Waits for an activity. Resolves undefined when the signal aborts. */
  next(signal: AbortSignal): Promise<ActivityWorkItem | undefined> {
    const next = this.#line.next(signal);
    if (this.#line.length > 0) this.#demand.wake();
    return next;
  }

  /** An activity that this process holds and that nobody runs yet. */
  offer(activity: HeldMessage<ActivityMessage>): void {
    this.#held.add(activity);
    this.#line.serve();
  }

  /** Whether somebody has room for an activity. */
  get isWanted(): boolean {
    return this.#line.length > 0;
  }

  get isRunning(): boolean {
    return this.#loop.isRunning;
  }

  /** An activity was put for everybody: look at once. */
  wake(): void {
    this.#loop.wake();
  }

  async #poll(): Promise<PollOutcome> {
    while (this.#line.length === 0) {
      if (!this.#loop.isRunning) return 'empty';
      await this.#demand.sleep(Infinity);
    }
    const { visibilityTimeoutMs, reader } = this.#options;
    const count = Math.min(this.#line.length, MAX_BATCH_SIZE);
    const batch = await this.#queue.receive(count, visibilityTimeoutMs);
    const messages = await reader.read(this.#queue, batch, {
      leaseMs: visibilityTimeoutMs,
      accept: requireActivity,
    });
    await this.#handOut(messages);
    return batch.length > 0 ? 'found' : 'empty';
  }

  /** Who gave up while storage was asked leaves no activity behind that others cannot have. */
  async #handOut(messages: readonly HeldMessage[]): Promise<void> {
    const unwanted: HeldMessage[] = [];
    for (const message of messages) {
      if (isActivity(message) && this.#line.length > 0) this.offer(message);
      else unwanted.push(message);
    }
    await Promise.all(unwanted.map(({ lock }) => lock.release(0)));
  }

  #take(): ActivityWorkItem | undefined {
    for (const activity of this.#held) {
      this.#held.delete(activity);
      return activity;
    }
    return undefined;
  }
}

export function isActivity(held: HeldMessage): held is HeldMessage<ActivityMessage> {
  return isActivityMessage(held.message);
}

function requireActivity(message: TaskMessage): void {
  if (isActivityMessage(message)) return;
  throw new CorruptMessageError(
    `The work-item queue holds TaskScheduled messages only, but this is ${message.event.EventType}.`,
  );
}
