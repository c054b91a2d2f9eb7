/** GET /running: which functions the process that answers executes at the moment. Ours. Asks no storage. */
import { NotSupportedError } from '../../core/errors.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

const DEFAULT_COUNT = 50;
const MAX_COUNT = 500;

export async function running(call: OperationCall): Promise<Response> {
  const { client, runningFunctions, query } = call;
  const top = countIn(query, 'top', { max: MAX_COUNT, otherwise: DEFAULT_COUNT });
  if (runningFunctions === undefined) {
    throw new NotSupportedError(`This host runs no functions of '${client.taskHub}'.`);
  }
  const found = runningFunctions.list(top);
  const body = {
    total: found.total,
    running: found.running.map(({ sinceMs, ...rest }) => ({
      ...rest,
      since: new Date(sinceMs).toISOString(),
    })),
  };
  return await Promise.resolve(taggedAnswer(call, JSON.stringify(body)));
}
