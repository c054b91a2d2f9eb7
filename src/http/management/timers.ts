/** GET /timers: what is due when. Ours. What a call may cost is bounded by `due-timers.ts`. */
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1_000;

export async function timers(call: OperationCall): Promise<Response> {
  const count = countIn(call.query, 'top', { max: MAX_COUNT, otherwise: DEFAULT_COUNT });
  const due = await call.client.dueTimers(count);
  const body = {
    source: due.source,
    instancesSeen: due.instancesSeen ?? null,
    isComplete: due.isComplete,
    timers: due.timers.map(({ dueTime, kind, instanceId, name, taskEventId }) => ({
      dueTime,
      kind,
      instanceId: instanceId ?? null,
      name: name ?? null,
      taskEventId: taskEventId ?? null,
    })),
  };
  return taggedAnswer(call, JSON.stringify(body));
}
