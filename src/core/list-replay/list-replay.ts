/**
 * One execution in the hands of an SDK that can only replay whole histories: what it is shown in each run, whether that run told
 * enough, and what the walk of its list makes of it. Ends up where an SDK that is fed event by event begins: at the question what
 * had been asked for after each event.
 *
 * A walk that learns that the run was shown too little, or something in the wrong place, halts there; the orchestrator runs again
 * with a view that knows, and the walk goes on from where it halted.
 */
import type { EventRaisedEvent, HistoryEvent } from '../history-event.ts';
import type { SdkAction } from '../replay/action.ts';
import type { ShownEvent } from '../replay/event-feed.ts';
import type { EventDelivery } from '../replay/event-waiters.ts';
import { ChangedStepFailure } from '../replay/replay-failure.ts';
import { HistorySteps, type ListAnswer, type UnseenHistory } from './history-steps.ts';
import { ListWalk, type ListOwner } from './list-walk.ts';
import { viewHistory, type ShownHistory } from './shown-history.ts';

export class ListReplay {
  readonly #owner: ListOwner;
  readonly #events: HistoryEvent[] = [];
  #playedCount = 0;
  /** How many events were played when the first of them came: runs of before are not known. */
  #loadedCount: number | undefined;
  #walk: ListWalk;
  #walkedCount = 0;
  readonly #steps = new HistorySteps();
  /** External events that the last run was shown, by index. */
  #shownEvents: ReadonlyMap<number, EventDelivery> = new Map();
  /** What a run was shown, of which later ones were shown the beginning. */
  #mostShown: readonly HistoryEvent[] = [];
  #hasTakenSteps = false;

  constructor(owner: ListOwner) {
    this.#owner = owner;
    this.#walk = new ListWalk(owner);
  }

  /** Further events of the history, as they are stored. */
  add(events: readonly ShownEvent[]): void {
    const played = events.findIndex(({ isPlayed }) => !isPlayed);
    this.#playedCount = this.#events.length + (played < 0 ? events.length : played);
    this.#loadedCount ??= this.#playedCount;
    for (const { event } of events) this.#events.push(event);
  }

  /** The history as the SDK is to see it in the next run. */
  view(): ShownHistory {
    this.#takeRecords();
    const { end } = this.#steps;
    const view = viewHistory({
      events: end === undefined ? this.#events : this.#events.slice(0, end),
      playedCount: this.#playedCount,
      walkedCount: this.#walkedCount,
      walk: this.#walk,
      isStored: end === undefined && this.#isUnknown,
    });
    this.#shownEvents = view.shownEvents;
    // What a run before showed in the same place is no news in this one.
    const shownBefore = commonLength(this.#mostShown, view.history);
    if (shownBefore < view.history.length) this.#mostShown = view.history;
    return { ...view, playedCount: Math.max(view.playedCount, shownBefore) };
  }

  /**
   * Takes what a run over `view()` answered.
   * @returns whether the orchestrator has to run again, with another view, before it is known what it asks for.
   * @throws {ReplayFailure} when it asks for something else than it did in an earlier run.
   */
  take({ hasThrown, actions }: ListAnswer): 'complete' | 'incomplete' {
    if (
      this.#steps.end === undefined &&
      this.#steps.begin({ hasThrown, actions }, this.#unseen())
    ) {
      this.#hasTakenSteps = true;
      return 'incomplete';
    }
    const end = this.#steps.end ?? this.#events.length;
    const unseen = this.#events.slice(this.#walkedCount, end);
    if (hasThrown) {
      this.#walk.advanceThrown(actions, unseen, this.#walkedCount);
      this.#walkedCount = end;
    } else {
      try {
        const from = this.#walkedCount;
        this.#walkedCount += this.#walk.advance(actions, unseen, from, this.#shownEvents);
      } catch (error) {
        // The list of a run over many events does not tell when each of its steps began.
        if (this.#hasTakenSteps || !(error instanceof ChangedStepFailure)) throw error;
        this.#beginAnew();
        return 'incomplete';
      }
      if (this.#walk.isHalted) return 'incomplete';
    }
    return this.#steps.goOn(this.#events) ? 'incomplete' : 'complete';
  }

  /** What the last runs asked for is in history by now: from there it is known whose answer an event is. */
  #takeRecords(): void {
    if (this.#walkedCount === 0 || this.#steps.end !== undefined || this.#walk.isHalted) return;
    for (;;) {
      const event = this.#events[this.#walkedCount];
      if (event === undefined || !this.#walk.takeRecord(event, this.#walkedCount)) return;
      this.#walkedCount++;
    }
  }

  /** What the orchestrator had asked for after the `count` events that it was shown first. */
  askedAfter(count: number): readonly SdkAction[] {
    return this.#walk.askedAfter(count);
  }

  /** The orchestrator is shown its history from the beginning, one event more at a time. */
  #beginAnew(): void {
    this.#walk = new ListWalk(this.#owner);
    this.#walkedCount = 0;
    this.#hasTakenSteps = true;
    this.#steps.beginAnew(this.#events);
  }

  #unseen(): UnseenHistory {
    return {
      events: this.#events,
      seenCount: this.#walkedCount,
      isUnknown: this.#isUnknown,
      mayLackEvents: this.#walk.hasEarlyEvents || this.#walk.isHalted,
    };
  }

  /** Whether runs of earlier episodes are not known, because the history comes from storage. */
  get #isUnknown(): boolean {
    return this.#walkedCount < (this.#loadedCount ?? 0);
  }
}

/** How many events at the beginning of both are the same. An external event that is shown late is a new object each time. */
function commonLength(one: readonly HistoryEvent[], other: readonly HistoryEvent[]): number {
  let length = 0;
  for (; length < one.length && length < other.length; length++) {
    const [a, b] = [one[length], other[length]];
    if (a === b) continue;
    const isSame =
      a?.EventType === 'EventRaised' && b?.EventType === 'EventRaised' && isSameEvent(a, b);
    if (!isSame) break;
  }
  return length;
}

function isSameEvent(one: EventRaisedEvent, other: EventRaisedEvent): boolean {
  return one.Name === other.Name && one.Timestamp === other.Timestamp && one.Input === other.Input;
}
