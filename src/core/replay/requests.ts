/**
 * The requests of an execution by their event ids: asked for and not yet in history, open until they are answered, or
 * released. Ids are handed out here and nowhere else. Mirrors TaskOrchestrationContext's action map and open tasks.
 */
import {
  factsOfEvent,
  factsOfScheduled,
  isRecordOf,
  type Scheduled,
  type ScheduledEvent,
} from './scheduled.ts';
import { ChangedStepFailure } from './replay-failure.ts';
import type { CompletionEvent } from './scope.ts';

type Recorded = (event: ScheduledEvent) => void;
type Completed = (event: CompletionEvent) => void;

interface Request {
  readonly scheduled: Scheduled;
  readonly recorded: Recorded | undefined;
}

export class Requests {
  #nextId = 0;
  /** Asked for, not yet in history. */
  readonly #unrecorded = new Map<number, Request>();
  /** What only a history can hold: a cancelled timer that went on before it was cancelled. */
  readonly #expected = new Map<number, Scheduled>();
  readonly #open = new Map<number, Completed>();
  /** Those of the requests that are timers. */
  readonly #timers = new Set<number>();
  readonly #waitsForTimers: boolean;
  /** Requests that the instance does not wait for. */
  readonly #released = new Map<number, Completed>();

  /** @param waitsForTimers whether a timer keeps the instance open as other requests do. */
  constructor(waitsForTimers: boolean) {
    this.#waitsForTimers = waitsForTimers;
  }

  /** The id that is handed out next. */
  get nextId(): number {
    return this.#nextId;
  }

  /** Whether a task, sub-orchestration or timer still has to be answered before the instance may complete. */
  get hasOpen(): boolean {
    if (this.#waitsForTimers) return this.#open.size > 0;
    return [...this.#open.keys()].some((id) => !this.#timers.has(id));
  }

  reserveId(): number {
    return this.#nextId++;
  }

  /** Asks for something under the next id. `recorded` is told the history event once there is one. */
  schedule(scheduled: Scheduled, recorded?: Recorded): number {
    const id = this.reserveId();
    this.#unrecorded.set(id, { scheduled, recorded });
    if (scheduled.kind === 'timer') this.#timers.add(id);
    return id;
  }

  /** Asks for something under an id of `reserveId`. */
  scheduleReserved(id: number, scheduled: Scheduled): void {
    this.#unrecorded.set(id, { scheduled, recorded: undefined });
  }

  /** Takes an id for what history may hold, and nothing asks for any more. */
  expectRecord(scheduled: Scheduled): number {
    const id = this.reserveId();
    this.#expected.set(id, scheduled);
    return id;
  }

  /** What is not in history yet, in the order of ids. */
  listUnrecorded(): readonly { readonly id: number; readonly scheduled: Scheduled }[] {
    return [...this.#unrecorded]
      .map(([id, { scheduled }]) => ({ id, scheduled }))
      .sort((a, b) => a.id - b.id);
  }

  /** Whether the event is the record of a request that is not in history yet. */
  isUnrecorded(event: ScheduledEvent): boolean {
    const request = this.#unrecorded.get(event.EventId);
    return request !== undefined && isRecordOf(event, request.scheduled);
  }

  /** History holds a request. @throws {ReplayFailure} when nothing, or something else, was asked for under its id. */
  record(event: ScheduledEvent): void {
    const id = event.EventId;
    const expected = this.#expected.get(id);
    const request =
      expected === undefined
        ? this.#unrecorded.get(id)
        : { scheduled: expected, recorded: undefined };
    if (!request || !isRecordOf(event, request.scheduled)) {
      const asked = request && factsOfScheduled(request.scheduled);
      throw new ChangedStepFailure({ id, recorded: factsOfEvent(event), asked });
    }
    this.#unrecorded.delete(id);
    this.#expected.delete(id);
    request.recorded?.(event);
  }

  awaitCompletion(id: number, completed: Completed): void {
    this.#open.set(id, completed);
  }

  /** The instance need not wait for the request any more; an answer is still told. */
  release(id: number): void {
    const completed = this.#open.get(id);
    if (completed) this.#released.set(id, completed);
    this.#open.delete(id);
  }

  /** A request is answered; a second answer is a duplicate and changes nothing. */
  complete(id: number, event: CompletionEvent): void {
    const completed = this.#open.get(id) ?? this.#released.get(id);
    this.#open.delete(id);
    this.#released.delete(id);
    completed?.(event);
  }
}
