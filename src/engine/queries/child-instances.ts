/** The sub-orchestrations that an instance has called, as its history names them and the hub has them now. */
import { atMost } from '../../base/at-most.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import { toInstanceId } from '../../core/ids.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';

export interface ChildInstance {
  readonly instanceId: string;
  readonly name: string;
  /** Event id of the call in the history of the parent. */
  readonly taskScheduledId: number;
  /** undefined when the hub does not have it: it was purged, or its start is on the way. */
  readonly record: InstanceRecord | undefined;
}

export interface ChildPage {
  /** In the order in which they were called. */
  readonly children: readonly ChildInstance[];
  /** How many the instance has called in this generation. */
  readonly total: number;
}

const AT_ONCE = 8;

/** @param find reads one row, without payloads: as many as the page has are read. */
export async function listChildren(
  history: readonly HistoryEvent[],
  { from, count }: { readonly from: number; readonly count: number },
  find: (instanceId: string) => Promise<InstanceRecord | undefined>,
): Promise<ChildPage> {
  const calls = history.flatMap((event) =>
    event.EventType === 'SubOrchestrationInstanceCreated' ? [event] : [],
  );
  const page = calls.slice(from, from + count);
  const children = await atMost(AT_ONCE, page, async ({ InstanceId, Name, EventId }) => ({
    instanceId: toInstanceId(InstanceId),
    name: Name,
    taskScheduledId: EventId,
    record: await find(InstanceId),
  }));
  return { children, total: calls.length };
}
