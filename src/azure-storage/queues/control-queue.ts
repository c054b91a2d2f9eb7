/** Receives from one control queue while its partition is ours. Mirrors ControlQueue.GetMessagesAsync. */
import { scheduleOnSystem } from '../../base/clock.ts';
import { BackendUnavailableError, CorruptMessageError } from '../../core/errors.ts';
import { isActivityMessage, type TaskMessage } from '../../core/task-message.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { HeldMessage } from './held-message.ts';
import type { MessageQueue, ReceivedText } from './message-queue.ts';
import type { MessageReader } from './message-reader.ts';
import { PollLoop, type PollOutcome } from './poll-loop.ts';
import { WakeTimes } from './wake-times.ts';

export interface ControlQueueOptions {
  readonly taskHub: string;
  readonly reader: MessageReader;
  readonly log: Logger;
  /** Whether the partition is ours at this moment. */
  readonly isOwned: () => boolean;
  readonly batchSize: number;
  /** With so many messages waiting here, no more are received. */
  readonly bufferThreshold: number;
  readonly visibilityTimeoutMs: number;
  readonly maxPollingIntervalMs: number;
  readonly selfLeaseMs: number;
  readonly deliver: (message: HeldMessage) => void;
  readonly waitingCount: () => number;
  readonly now: () => number;
}

export class ControlQueue {
  readonly #queue: MessageQueue;
  readonly #options: ControlQueueOptions;
  readonly #loop: PollLoop;
  readonly #wakeTimes: WakeTimes;
  /** Since the partition is ours. */
  #isFirstLook = true;

  constructor(queue: MessageQueue, options: ControlQueueOptions) {
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
    this.#wakeTimes = new WakeTimes({ now: options.now, schedule: scheduleOnSystem }, () => {
      this.#loop.wake();
    });
  }

  start(): void {
    if (!this.#loop.isRunning) this.#isFirstLook = true;
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#wakeTimes.clear();
  }

  get isRunning(): boolean {
    return this.#loop.isRunning;
  }

  /** Something was put for everybody: look at once. */
  wake(): void {
    this.#loop.wake();
  }

  /** A message becomes visible then, in ms since the epoch: whatever the back-off says, the queue is polled. */
  expectAt(timeMs: number): void {
    if (this.#loop.isRunning) this.#wakeTimes.add(timeMs);
  }

  async #poll(): Promise<PollOutcome> {
    const { visibilityTimeoutMs, reader, deliver, waitingCount } = this.#options;
    if (waitingCount() >= this.#options.bufferThreshold) return 'unasked';
    // A process that stood still may come here before it has found out that others read the queue by now.
    if (!this.#options.isOwned()) return 'unasked';
    const batch = await this.#receive();
    const messages = await reader.read(this.#queue, batch, {
      leaseMs: visibilityTimeoutMs,
      accept: refuseActivities,
    });
    for (const message of messages) deliver(message);
    return batch.length > 0 ? 'found' : 'empty';
  }

  /**
   * At the first look everything that is there: what the owner before us had fetched and gave back comes behind what it had not, and
   * can be put into its place only among all of it.
   */
  async #receive(): Promise<readonly ReceivedText[]> {
    const { batchSize, bufferThreshold, visibilityTimeoutMs } = this.#options;
    const all = [...(await this.#queue.receive(batchSize, visibilityTimeoutMs))];
    const isFirstLook = this.#isFirstLook;
    this.#isFirstLook = false;
    let isMore = isFirstLook && all.length === batchSize;
    while (isMore && all.length < bufferThreshold) {
      const more = await this.#receiveMore();
      all.push(...more);
      isMore = more.length === batchSize;
    }
    return all;
  }

  /** What was received before must not get lost with a request that fails: the next look meets the error, too. */
  async #receiveMore(): Promise<readonly ReceivedText[]> {
    const { batchSize, visibilityTimeoutMs } = this.#options;
    try {
      return await this.#queue.receive(batchSize, visibilityTimeoutMs);
    } catch (error) {
      if (error instanceof BackendUnavailableError) return [];
      throw error;
    }
  }
}

function refuseActivities(message: TaskMessage): void {
  if (!isActivityMessage(message)) return;
  throw new CorruptMessageError('TaskScheduled messages do not belong into a control queue.');
}
