/** Receives from one control queue while its partition is ours. Mirrors ControlQueue.GetMessagesAsync. */
import { scheduleOnSystem } from '../../base/clock.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import { isActivityMessage, type TaskMessage } from '../../core/task-message.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { HeldMessage } from './held-message.ts';
import type { MessageQueue } from './message-queue.ts';
import type { MessageReader } from './message-reader.ts';
import { PollLoop, type PollOutcome } from './poll-loop.ts';
import { WakeTimes } from './wake-times.ts';

export interface ControlQueueOptions {
  readonly taskHub: string;
  readonly reader: MessageReader;
  readonly log: Logger;
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
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#wakeTimes.clear();
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
    const { batchSize, visibilityTimeoutMs, reader, deliver, waitingCount } = this.#options;
    if (waitingCount() >= this.#options.bufferThreshold) return 'full';
    const batch = await this.#queue.receive(batchSize, visibilityTimeoutMs);
    const messages = await reader.read(this.#queue, batch, {
      leaseMs: visibilityTimeoutMs,
      accept: refuseActivities,
    });
    for (const message of messages) deliver(message);
    return batch.length > 0 ? 'found' : 'empty';
  }
}

function refuseActivities(message: TaskMessage): void {
  if (!isActivityMessage(message)) return;
  throw new CorruptMessageError('TaskScheduled messages do not belong into a control queue.');
}
