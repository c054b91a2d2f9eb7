/** GET /running: which functions the workers of the hub execute at the moment. Ours. They are asked themselves, not storage. */
import { NotSupportedError } from '../../core/errors.ts';
import { MOST_RUNNING } from '../../core/running-now.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

const DEFAULT_COUNT = 50;

export async function running(call: OperationCall): Promise<Response> {
  const { client, runningFunctions, query } = call;
  const top = countIn(query, 'top', { max: MOST_RUNNING, otherwise: DEFAULT_COUNT });
  if (runningFunctions === undefined) {
    throw new NotSupportedError(`This host runs no functions of '${client.taskHub}'.`);
  }
  const own = runningFunctions.list(top);
  const others = await runningFunctions.elsewhere(top);
  const known = [
    { worker: null, now: own },
    ...others.flatMap(({ worker, now }) => (now === undefined ? [] : [{ worker, now }])),
  ];
  const all = known.flatMap(({ worker, now }) => now.running.map((each) => ({ ...each, worker })));
  const body = {
    total: known.reduce((sum, { now }) => sum + now.total, 0),
    running: all
      .toSorted((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, top)
      .map(({ kind, name, instanceId, sinceMs, worker }) => {
        return { kind, name, instanceId, since: new Date(sinceMs).toISOString(), worker };
      }),
    others: others.map(({ worker, now }) => ({ worker, total: now?.total ?? null })),
  };
  return taggedAnswer(call, JSON.stringify(body));
}
