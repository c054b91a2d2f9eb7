/** GET /locks: entities that an orchestration has to itself. Ours. What a call may cost is bounded by `held-locks.ts`. */
import { netTime } from '../../base/net-time.ts';
import { heldLocks } from '../../engine/queries/held-locks.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

const DEFAULT_COUNT = 100;
const MAX_COUNT = 1_000;

export async function locks(call: OperationCall): Promise<Response> {
  const top = countIn(call.query, 'top', { max: MAX_COUNT, otherwise: DEFAULT_COUNT });
  const { locks: held, isComplete } = await heldLocks((query) => call.client.list(query));
  const body = {
    isComplete,
    total: held.length,
    locks: held.slice(0, top).map(({ lastOperationTime, ...lock }) => ({
      ...lock,
      lastOperationTime: netTime(lastOperationTime),
    })),
  };
  return taggedAnswer(call, JSON.stringify(body));
}
