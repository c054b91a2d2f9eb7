/**
 * The commit window: before a work item is committed, the activities it has just scheduled may run here, and their results
 * are folded in, so that several steps cost one commit. A crash runs at most the window again. One value per work item.
 *
 * An activity is not waited for when it lately took longer than what is left of the window: it runs all the same, and its
 * answer comes as a message later.
 */
import {
  isActivityMessage,
  type ActivityMessage,
  type TaskMessage,
} from '../../core/task-message.ts';
import type { ActivityProcessor, LocalActivity } from '../activity-processor.ts';
import type { Ambient } from '../ambient.ts';
import { onAbort } from '../../base/abort.ts';

export interface CommitWindowOptions {
  readonly activities: ActivityProcessor;
  readonly ambient: Ambient;
  /** 0: nothing runs before it is committed. */
  readonly commitWindowMs: number;
  readonly draining: AbortSignal;
}

export class CommitWindow {
  readonly #options: CommitWindowOptions;
  readonly #endsMs: number;
  readonly #running = new Map<ActivityMessage, LocalActivity>();
  /** What was not run and has to be set aside, for which it has to be stored first: the answer comes after the commit. */
  readonly #refused = new Map<ActivityMessage, LocalActivity>();
  #finished: LocalActivity[] = [];
  #reserved = 0;
  #wake: (() => void) | undefined;

  constructor(options: CommitWindowOptions) {
    this.#options = options;
    this.#endsMs = options.ambient.now() + options.commitWindowMs;
  }

  /**
   * Runs what the outbox asks for as far as slots allow, and waits for answers until the window closes.
   * @returns the activities whose answers are there; none when there is nothing left to wait for.
   */
  async nextAnswers(outbox: Iterable<TaskMessage>): Promise<readonly LocalActivity[]> {
    const { draining, ambient } = this.#options;
    const leftMs = this.#endsMs - ambient.now();
    if (leftMs <= 0 || draining.aborted) return [];
    this.#startActivities(outbox, leftMs);
    if (this.#running.size === 0) return [];
    // Activities that never wait are done by then, and nothing has to be set up to wait for them.
    await nextTurn();
    if (this.#finished.length === 0 && this.#running.size > 0) {
      await this.#untilOneFinished(leftMs);
      // Others may have finished in the same turn; one run of the orchestrator takes them all.
      await nextTurn();
    }
    const finished = this.#finished;
    this.#finished = [];
    for (const { message } of finished) this.#running.delete(message);
    return finished;
  }

  /** An activity that the window has started and that is not answered: it is the commit's now. */
  takeRunning(message: ActivityMessage): LocalActivity | undefined {
    const running = this.#running.get(message) ?? this.#refused.get(message);
    this.#running.delete(message);
    this.#refused.delete(message);
    return running;
  }

  /** Reserves a slot for an activity that starts after the commit. */
  reserve(): boolean {
    if (!this.#options.activities.tryReserve()) return false;
    this.#reserved++;
    return true;
  }

  /** Tells that a reserved slot is being used, and freed by its user. */
  useReserved(): void {
    this.#reserved--;
  }

  /** Frees slots that were reserved and not used. */
  close(): void {
    for (; this.#reserved > 0; this.#reserved--) this.#options.activities.releaseReserved();
  }

  /** The commit failed: activities under way end unheard, and will run again. */
  abandon(): void {
    this.#running.clear();
    this.#refused.clear();
    this.close();
  }

  #startActivities(outbox: Iterable<TaskMessage>, leftMs: number): void {
    const { activities } = this.#options;
    for (const message of outbox) {
      if (!isActivityMessage(message)) continue;
      if (this.#running.has(message) || this.#refused.has(message)) continue;
      if (activities.isForOthers(message)) continue;
      if (activities.expectedMs(message.event.Name) > leftMs) continue;
      if (!activities.tryReserve()) return;
      const activity = activities.runReserved(message);
      this.#running.set(message, activity);
      void activity.answer.then(({ refusal }) => {
        if (refusal === undefined) this.#finished.push(activity);
        else if (this.#running.delete(message)) this.#refused.set(message, activity);
        if (refusal === undefined || this.#running.size === 0) this.#wake?.();
      });
    }
  }

  async #untilOneFinished(leftMs: number): Promise<void> {
    const { draining } = this.#options;
    if (draining.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        takeOff();
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, leftMs);
      const takeOff = onAbort(draining, wake);
      this.#wake = wake;
    });
  }
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
