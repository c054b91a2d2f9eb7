/**
 * DELETE /hub: the hub with all its instances, where the host offers what cannot be undone. Ours. Its name has to be said, so that no
 * wrong address deletes anything; and a hub that somebody works on is left alone, unless the caller insists.
 */
import { InvalidInputError } from '../../core/errors.ts';
import type { HubUser } from '../../engine/backend.ts';
import { jsonResponse, messageResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function deleteHub(call: OperationCall): Promise<Response> {
  const { client, query } = call;
  const { taskHub } = client;
  if (!call.mayDeleteHub) {
    return messageResponse(
      403,
      "No hub is deleted by this API here: 'extensions.durableTask.dashboard.dangerousOperations' of host.json does not allow it. func durable delete-task-hub does it, too.",
    );
  }
  if (query.text('name') !== taskHub) {
    throw new InvalidInputError(
      `Nothing was deleted. To delete the hub with all its instances, give its name: name=${taskHub}.`,
    );
  }
  // A worker in memory is written down nowhere, but it is this process.
  const runsHere = call.replayer !== undefined;
  const users = await client.listHubUsers();
  if (query.flag('force') !== true && (runsHere || users.length > 0)) {
    return messageResponse(409, inUse(taskHub, users));
  }
  const isCreatedAnew = await client.deleteHub({ createsAnew: runsHere });
  return jsonResponse(200, JSON.stringify({ taskHub, isCreatedAnew }));
}

function inUse(taskHub: string, users: readonly HubUser[]): string {
  const who = users.length === 0 ? 'this host works on it' : describeUsers(users).join('; ');
  return `Task hub '${taskHub}' is in use, and nothing was deleted: ${who}. Stop what works on it first, or delete it all the same (force=true): what runs now is lost then, and hosts go on with an empty hub.`;
}

/** Each once: a worker may own many partitions. */
function describeUsers(users: readonly HubUser[]): readonly string[] {
  const texts = users.map((user) =>
    user.kind === 'worker' ? `worker '${user.owner}' works on it` : 'a host holds the app lease',
  );
  return [...new Set(texts)];
}
