/** What waits in a hub: the rows of its queues. Those in the hands of the host are rows, too, until what they caused is stored. */
import type { HubBacklog, QueueBacklog } from '../core/hub-backlog.ts';
import type { HubTables, QueueTables } from './hub-tables.ts';

/** As people see them. */
export const QUEUE_NAMES = { control: 'control', workItems: 'workitems' } as const;

/** Of a hub that is not there. */
export const EMPTY_BACKLOG: HubBacklog = {
  controlQueues: [queueBacklog(QUEUE_NAMES.control)],
  workItems: queueBacklog(QUEUE_NAMES.workItems),
  nextDueInMs: undefined,
  processes: 0,
  workerLimit: 1,
};

export function readBacklog(
  { control, workItems }: Pick<HubTables, 'control' | 'workItems'>,
  { nowMs, processes }: { readonly nowMs: number; readonly processes: number },
): HubBacklog {
  const dueMs = firstDueMs(control);
  return {
    ...EMPTY_BACKLOG,
    controlQueues: [queueBacklog(QUEUE_NAMES.control, control)],
    workItems: queueBacklog(QUEUE_NAMES.workItems, workItems),
    nextDueInMs: dueMs === undefined ? undefined : Math.max(0, dueMs - nowMs),
    processes,
  };
}

/** How long they wait is not written down. */
function queueBacklog(name: string, queue?: QueueTables): QueueBacklog {
  return {
    name,
    waiting: queue?.ready.getKeysCount() ?? 0,
    hidden: queue?.due.getKeysCount() ?? 0,
    oldestWaitingMs: undefined,
  };
}

function firstDueMs({ due }: QueueTables): number | undefined {
  const [key] = due.getKeys({ limit: 1 });
  return key?.[0];
}
