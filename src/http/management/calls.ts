/** GET /calls: which orchestrator calls what. Ours. What a call may cost is bounded by `hub-calls.ts`. */
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';
import { isoTimes, timesOf } from './time-range.ts';

const DEFAULT_COUNT = 100;
const MAX_COUNT = 500;

export async function calls(call: OperationCall): Promise<Response> {
  const times = timesOf(call);
  const count = countIn(call.query, 'top', { max: MAX_COUNT, otherwise: DEFAULT_COUNT });
  const { orchestrators, ...seen } = await call.client.readCalls({ ...times, count });
  const body = {
    ...isoTimes(times),
    ...seen,
    orchestrators: orchestrators.map(({ waitP50Ms = null, waitP95Ms = null, ...orchestrator }) => ({
      ...orchestrator,
      waitP50Ms,
      waitP95Ms,
      calls: orchestrator.calls.map(({ p50Ms = null, p95Ms = null, ...rest }) => ({
        ...rest,
        p50Ms,
        p95Ms,
      })),
    })),
  };
  return taggedAnswer(call, JSON.stringify(body));
}
