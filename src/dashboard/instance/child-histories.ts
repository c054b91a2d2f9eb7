/** The children whose lanes somebody has opened, with their histories: loaded when they are opened, and followed as long as they are. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { HistoryEvent } from '../../core/history-event.ts';
import { InstanceHistory } from './instance-history.ts';
import type { OpenChild } from './lane-rows.ts';
import { timelineOf } from './timeline.ts';

/** Of each child. */
const MAX_EVENTS = 1_000;
/** At a time. */
const MAX_OPEN = 10;

const NONE: ReadonlyMap<string, OpenChild> = new Map();

export class ChildHistories {
  readonly #open = signal<ReadonlyMap<string, InstanceHistory>>(new Map());

  /** Whether no further one may be opened. */
  readonly isFull: ReadonlySignal<boolean> = computed(() => this.#open.value.size >= MAX_OPEN);

  has(instanceId: string): boolean {
    return this.#open.value.has(instanceId);
  }

  historyOf(instanceId: string): InstanceHistory | undefined {
    return this.#open.value.get(instanceId);
  }

  toggle(instanceId: string): void {
    const open = new Map(this.#open.value);
    const known = open.get(instanceId);
    if (known !== undefined) {
      known.close();
      open.delete(instanceId);
    } else if (open.size < MAX_OPEN) {
      const history = new InstanceHistory(instanceId, { maxEvents: MAX_EVENTS });
      open.set(instanceId, history);
      void history.refresh();
    }
    this.#open.value = open;
  }

  /** @param nowMs until when what has not ended goes on. */
  shown(nowMs: number): ReadonlyMap<string, OpenChild> {
    // Always the same, so that nobody draws thousands of lanes anew for it.
    if (this.#open.value.size === 0) return NONE;
    return new Map(
      [...this.#open.value].map(([instanceId, history]) => {
        const events = history.events.value;
        const total = history.total.value;
        const child: OpenChild = {
          timeline: total === undefined ? undefined : timelineOf(events, endOf(events) ?? nowMs),
          total: total ?? 0,
          drawn: events.length,
          error: history.error.value,
        };
        return [instanceId, child];
      }),
    );
  }

  async refresh(): Promise<void> {
    await Promise.all([...this.#open.value.values()].map((history) => history.refresh()));
  }

  close(): void {
    for (const history of this.#open.value.values()) history.close();
  }
}

/** undefined while it runs, and where only its beginning is known. */
function endOf(events: readonly HistoryEvent[]): number | undefined {
  const end = events.findLast(({ EventType }) => ENDS.has(EventType));
  if (end === undefined || end.EventType === 'ExecutionRewound') return undefined;
  return Date.parse(events.at(-1)?.Timestamp ?? end.Timestamp);
}

const ENDS: ReadonlySet<HistoryEvent['EventType']> = new Set([
  'ExecutionCompleted',
  'ExecutionTerminated',
  'ExecutionRewound',
]);
