/**
 * What an action may ask of a replay, for tests of the files that start one kind of action: real requests, waiters and stamps,
 * without the walk around them. The clock and the answers come from the test.
 */
import { AZURE_STORAGE_LIMITS } from '../../../src/azure-storage/limits.ts';
import { SendStamps } from '../../../src/core/entity/send-stamps.ts';
import type { EventRaisedEvent, HistoryEvent } from '../../../src/core/history-event.ts';
import type { SdkAction } from '../../../src/core/replay/action.ts';
import { DurableTask } from '../../../src/core/replay/durable-task.ts';
import { EventWaiters } from '../../../src/core/replay/event-waiters.ts';
import { Requests } from '../../../src/core/replay/requests.ts';
import type { Scheduled, ScheduledEvent } from '../../../src/core/replay/scheduled.ts';
import { ReplayFailure } from '../../../src/core/replay/replay-failure.ts';
import type { CompletionEvent, ReplayScope } from '../../../src/core/replay/scope.ts';
import {
  eventRaised,
  START_MS,
  taskCompleted,
  taskFailed,
  timerFired,
} from '../../support/history.ts';

export class WalkScope implements ReplayScope {
  readonly instanceId = 'inst';
  readonly executionId = 'exec';
  readonly parentInstanceId = 'parent';
  readonly defaultHttpPauseMs = 30_000;
  readonly defaultVersion = '9.9';
  readonly limits = AZURE_STORAGE_LIMITS;
  readonly requests = new Requests(true);
  readonly events = new EventWaiters(() => undefined);
  /** Functions that the app lacks. */
  readonly missing = new Set<string>();
  readonly shownToSdk: HistoryEvent[] = [];
  readonly retries: number[][] = [];
  /** The nested actions that were started, with their tasks. */
  readonly children: { readonly action: SdkAction; readonly path: readonly number[] }[] = [];
  readonly tasks = new Map<SdkAction, DurableTask>();
  readonly #stamps = new SendStamps();
  nowMs = START_MS;
  #index = 0;
  #requestCount = 0;

  get upcomingId(): number {
    return this.requests.nextId;
  }

  /** What was asked for and not recorded yet, in short: `0:A`, `1:timer +60s`, `2:op to @counter@k`. */
  get asked(): string[] {
    return this.requests.listUnrecorded().map(({ id, scheduled }) => `${id}:${inShort(scheduled)}`);
  }

  scheduledAs(id: number): Scheduled {
    const found = this.requests.listUnrecorded().find((request) => request.id === id);
    if (!found) throw new Error(`nothing is asked for under ${id}`);
    return found.scheduled;
  }

  /** History holds the request. */
  record(event: ScheduledEvent): void {
    this.requests.record(event);
  }

  complete(id: number, result?: string): void {
    this.requests.complete(id, taskCompleted(id, result) as CompletionEvent);
  }

  fail(id: number): void {
    this.requests.complete(id, taskFailed(id) as CompletionEvent);
  }

  /** The timer fires; the clock is put to `seconds` after the start. */
  fire(id: number, seconds: number): void {
    this.nowMs = START_MS + seconds * 1000;
    this.requests.complete(id, timerFired(id, seconds) as CompletionEvent);
  }

  raise(name: string, input: string | null = null): void {
    this.events.raise(eventRaised(name, input) as EventRaisedEvent, this.#index++, 'newest');
  }

  schedule(scheduled: Scheduled, recorded?: (event: ScheduledEvent) => void): number {
    return this.requests.schedule(scheduled, recorded);
  }

  reserveId(): number {
    return this.requests.reserveId();
  }

  scheduleReserved(id: number, scheduled: Scheduled): void {
    this.requests.scheduleReserved(id, scheduled);
  }

  showToSdk(events: readonly HistoryEvent[]): void {
    this.shownToSdk.push(...events);
  }

  awaitCompletion(id: number, completed: (event: CompletionEvent) => void): void {
    this.requests.awaitCompletion(id, completed);
  }

  release(id: number): void {
    this.requests.release(id);
  }

  expectRecord(scheduled: Scheduled): number {
    return this.requests.expectRecord(scheduled);
  }

  newRetry(): number[] {
    const ids: number[] = [];
    this.retries.push(ids);
    return ids;
  }

  awaitEvent(name: string, raised: (input: string | null) => void): void {
    this.events.wait(name, raised);
  }

  newRequestId(): string {
    return `request-${++this.#requestCount}`;
  }

  stampRequest(targetInstanceId: string) {
    return this.#stamps.upcoming(targetInstanceId, this.nowMs);
  }

  checkFunction(kind: string, name: string): void {
    if (this.missing.has(name)) throw new ReplayFailure(`no ${kind} ${name}`);
  }

  start(action: SdkAction, path: readonly number[]): DurableTask {
    this.children.push({ action, path });
    const task = this.tasks.get(action) ?? new DurableTask();
    this.tasks.set(action, task);
    return task;
  }
}

function inShort(scheduled: Scheduled): string {
  switch (scheduled.kind) {
    case 'activity':
    case 'subOrchestration':
      return scheduled.name;
    case 'timer':
      return `timer +${(Date.parse(scheduled.fireAt) - START_MS) / 1000}s`;
    case 'sendEvent':
      return `${scheduled.eventName} to ${scheduled.instanceId}`;
  }
}
