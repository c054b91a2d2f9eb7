/** What a rewind of a failed instance would do again, told before anybody asks for it. Changes nothing. */
import type { HistoryEvent } from '../../core/history-event.ts';
import type { InstanceId } from '../../core/ids.ts';
import { planRewind } from '../../core/lifecycle/rewind.ts';

/** A call that is made again. */
export interface RepeatedCall {
  readonly name: string;
  /** Event id of the call in the history. */
  readonly taskScheduledId: number;
  /** False for one that had not answered when the instance failed. */
  readonly hasFailed: boolean;
}

export interface RewindPreview {
  readonly activities: readonly RepeatedCall[];
  /** They are rewound, too, each with what failed in it; what had not answered goes on. */
  readonly children: readonly (RepeatedCall & { readonly instanceId: string })[];
  /** How many timers that had not rung are made anew. */
  readonly timers: number;
}

/** @param history of an instance that has failed; of any other one nothing is done again. */
export function previewRewind(
  instanceId: InstanceId,
  history: readonly HistoryEvent[],
): RewindPreview {
  const { edits, calls } = planRewind(instanceId, history);
  const answered = new Set(
    history.flatMap((event) => (event.EventType === 'TaskFailed' ? [event.TaskScheduledId] : [])),
  );
  const rung = new Set(
    history.flatMap((event) => (event.EventType === 'TimerFired' ? [event.TimerId] : [])),
  );
  const changed = edits.flatMap(({ index }) => history[index] ?? []).sort(byEventId);
  // Without an edit the history does not end in a failure, and open calls go on by themselves.
  const children = edits.length === 0 ? [] : calls;
  return {
    activities: changed.flatMap((event) =>
      event.EventType === 'TaskScheduled'
        ? [
            {
              name: event.Name,
              taskScheduledId: event.EventId,
              hasFailed: answered.has(event.EventId),
            },
          ]
        : [],
    ),
    children: children.map(({ event, hasFailed }) => ({
      instanceId: event.InstanceId,
      name: event.Name,
      taskScheduledId: event.EventId,
      hasFailed,
    })),
    timers: changed.filter(
      (event) => event.EventType === 'TimerCreated' && !rung.has(event.EventId),
    ).length,
  };
}

function byEventId(a: HistoryEvent, b: HistoryEvent): number {
  return a.EventId - b.EventId;
}
