/** GET /stats and GET /failures: the hub in numbers, and what went wrong in it. Ours. What a call may cost is bounded by `hub-stats.ts`. */
import { groupFailures, readStats } from '../../engine/queries/hub-stats.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';
import { isoTimes, timesOf } from './time-range.ts';

const DEFAULT_PARTS = 48;
const MAX_PARTS = 500;
/** Each of up to 1,000 groups has them. */
const DEFAULT_FAILURE_PARTS = 24;
const MAX_FAILURE_PARTS = 100;

export async function stats(call: OperationCall): Promise<Response> {
  const times = timesOf(call);
  const parts = countIn(call.query, 'parts', { max: MAX_PARTS, otherwise: DEFAULT_PARTS });
  const { byStatus, byName, isComplete, ...found } = await readStats(
    (query) => call.client.list(query),
    { ...times, parts },
  );
  const body = {
    ...isoTimes(times),
    isComplete,
    byStatus,
    byName: byName.map(({ p50Ms = null, p95Ms = null, ...rest }) => ({ ...rest, p50Ms, p95Ms })),
    parts: found.parts.map(({ fromMs, byStatus: counts }) => ({
      from: new Date(fromMs).toISOString(),
      byStatus: counts,
    })),
  };
  return taggedAnswer(call, JSON.stringify(body));
}

export async function failures(call: OperationCall): Promise<Response> {
  const times = timesOf(call);
  const parts = countIn(call.query, 'parts', {
    max: MAX_FAILURE_PARTS,
    otherwise: DEFAULT_FAILURE_PARTS,
  });
  const { isComplete, groups } = await groupFailures((query) => call.client.list(query), {
    ...times,
    parts,
  });
  const body = {
    ...isoTimes(times),
    isComplete,
    groups: groups.map(({ place = null, ...group }) => ({ ...group, place })),
  };
  return taggedAnswer(call, JSON.stringify(body));
}
