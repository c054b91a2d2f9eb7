/** GET /instances/{instanceId}/logs: the latest lines that this process has logged about it. Ours. Asks no storage. */
import { NotSupportedError } from '../../core/errors.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

const DEFAULT_LINES = 500;
const MAX_LINES = 2_000;

export async function instanceLogs(call: OperationCall): Promise<Response> {
  const { client, instanceLog, query } = call;
  const top = countIn(query, 'top', { max: MAX_LINES, otherwise: DEFAULT_LINES });
  if (instanceLog === undefined) {
    throw new NotSupportedError(`This host keeps no lines about instances of '${client.taskHub}'.`);
  }
  const { lines, sinceMs } = instanceLog.linesOf(call.segment('instanceId'), top);
  const body = {
    since: new Date(sinceMs).toISOString(),
    lines: lines.map(({ atMs, ...line }) => ({ time: new Date(atMs).toISOString(), ...line })),
  };
  return await Promise.resolve(taggedAnswer(call, JSON.stringify(body)));
}
