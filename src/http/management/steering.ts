/**
 * What steers an instance: POST /instances/{instanceId}/{terminate,suspend,resume}?reason=. Mirrors
 * HttpApiHandler.HandleTerminateInstanceRequestAsync and its siblings. With `recursive=true`, which they do not know, all
 * sub-orchestrations below are reached too; the answer then has each with its status, and is 202 while some have not got there.
 * And POST /makeprimary, by which this app works on the hub from now on: HandleMakePrimaryRequestAsync.
 */
import { emptyResponse, jsonResponse } from '../responses.ts';
import type { Operation, OperationCall } from './operation.ts';

export const terminate = steering('terminate');
export const suspend = steering('suspend');
export const resume = steering('resume');

function steering(verb: 'terminate' | 'suspend' | 'resume'): Operation {
  return async (call) => {
    const { client, query, signal } = call;
    const instanceId = call.segment('instanceId');
    const reason = query.text('reason') ?? null;
    if (query.flag('recursive') === true) {
      const tree = await client.trees[verb](instanceId, reason, signal);
      const { instances, isSettled } = tree;
      return jsonResponse(isSettled ? 200 : 202, JSON.stringify({ instances }));
    }
    await client[verb](instanceId, reason);
    return emptyResponse(202);
  };
}

export async function makePrimary({ client }: OperationCall): Promise<Response> {
  await client.makePrimary();
  return emptyResponse(200);
}
