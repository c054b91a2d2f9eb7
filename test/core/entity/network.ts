/**
 * Entities on a network that delays, reorders and repeats messages, and on workers that crash at any point of a commit: for
 * property tests. Every choice is asked of the test, so that a failing run can be shrunk and repeated.
 */
import {
  applyBatch,
  entityCommit,
  nextStep,
  type EntityStep,
} from '../../../src/core/entity/decide-entity.ts';
import type { EntityContext } from '../../../src/core/entity/entity-message.ts';
import { applyLock, reserveLock } from '../../../src/core/entity/lock.ts';
import { receiveEvents } from '../../../src/core/entity/receive-events.ts';
import type { EntityRequest } from '../../../src/core/entity/request-message.ts';
import {
  decodeSchedulerState,
  encodeSchedulerState,
  type SchedulerState,
} from '../../../src/core/entity/scheduler-state.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import type { TaskMessage } from '../../../src/core/task-message.ts';
import { START_MS } from '../../support/history.ts';

const WINDOW_MS = 30 * 60 * 1000;

/** A number from 0 up to, not including, `below`. */
export type Choose = (below: number) => number;

export class Network {
  /** What each entity ran, in order; only what was committed counts. */
  readonly ran = new Map<string, EntityRequest[]>();
  readonly #choose: Choose;
  readonly #pending: TaskMessage[] = [];
  readonly #stored = new Map<string, string>();
  readonly #kept = new Map<string, SchedulerState>();
  readonly #onAnswer: (message: TaskMessage) => void;
  readonly #tellsTooSoon: boolean;
  #nowMs = START_MS;
  #duplicates = 40;
  #crashes = 20;
  #ids = 0;

  /** @param options.tellsTooSoon whether a crash may come after the answers of operations left, and before their effect is stored. */
  constructor(
    choose: Choose,
    options: {
      readonly onAnswer?: (message: TaskMessage) => void;
      readonly tellsTooSoon?: boolean;
    } = {},
  ) {
    this.#choose = choose;
    this.#onAnswer = options.onAnswer ?? (() => undefined);
    this.#tellsTooSoon = options.tellsTooSoon ?? false;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get isQuiet(): boolean {
    return this.#pending.length === 0;
  }

  stateOf(instanceId: string): SchedulerState {
    return decodeSchedulerState(this.#stored.get(instanceId) ?? null, WINDOW_MS);
  }

  send(message: TaskMessage): void {
    this.#pending.push(message);
  }

  /** Delivers some of what is under way: one work item, or one answer. */
  step(): void {
    this.#nowMs += this.#choose(20);
    const index = this.#choose(this.#pending.length);
    const first = this.#pending[index];
    if (!first) return;
    const { instanceId } = first.target;
    if (!instanceId.startsWith('@')) {
      this.#take([first]);
      this.#onAnswer(first);
      return;
    }
    const others = this.#pending.filter(
      (message) => message !== first && message.target.instanceId === instanceId,
    );
    this.#process(instanceId, [first, ...others.filter(() => this.#choose(2) === 0)]);
  }

  #process(instanceId: string, messages: readonly TaskMessage[]): void {
    const context: EntityContext = {
      instanceId: toInstanceId(instanceId),
      executionId: 'exec',
      nowMs: this.#nowMs,
      newId: () => String(this.#ids++).padStart(32, '0'),
    };
    const kept = this.#choose(2) === 0 ? this.#kept.get(instanceId) : undefined;
    this.#kept.delete(instanceId);
    const ran: EntityRequest[] = [];
    const events = messages.map(({ event }) => event);
    let { state, outbox } = receiveEvents(kept ?? this.stateOf(instanceId), events, context);
    for (let step = nextStep(state, 3); step; step = nextStep(state, 3)) {
      const applied = apply(step, state, context);
      if (step.kind === 'operations') ran.push(...step.requests);
      state = applied.state;
      outbox = [...outbox, ...applied.outbox];
      if (step.kind === 'reserveLock') break;
    }
    const commit = entityCommit(state, outbox, context);
    if (this.#crashes > 0 && this.#choose(6) === 0) {
      this.#crashes--;
      if (this.#tellsTooSoon || ran.length === 0) {
        this.#pending.push(...commit.outbox.slice(0, this.#choose(commit.outbox.length + 1)));
      }
      return;
    }
    this.#pending.push(...commit.outbox);
    this.#stored.set(instanceId, encodeSchedulerState(state));
    this.#kept.set(instanceId, state);
    this.ran.set(instanceId, [...(this.ran.get(instanceId) ?? []), ...ran]);
    this.#take(messages);
  }

  /** Removes what was processed, but for some that will come again. */
  #take(messages: readonly TaskMessage[]): void {
    for (const message of messages) {
      if (this.#duplicates > 0 && this.#choose(4) === 0) this.#duplicates--;
      else this.#pending.splice(this.#pending.indexOf(message), 1);
    }
  }
}

function apply(step: EntityStep, state: SchedulerState, context: EntityContext) {
  switch (step.kind) {
    case 'reserveLock':
      return reserveLock(state, step.request, context);
    case 'lock':
      return applyLock(state, step.request, context);
    case 'operations':
      return applyBatch(state, step.requests, echo(step.requests), context);
  }
}

function echo(requests: readonly EntityRequest[]) {
  const results = requests.map(() => ({ isError: false, result: null }));
  return { exists: true, state: '0', results, signals: [] };
}
