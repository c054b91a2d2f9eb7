/** The answer of an operation on a tree of instances: each with its status; 202 while some have not got there. */
import type { TreeReport } from '../../engine/task-hub-client.ts';
import { jsonResponse } from '../responses.ts';

export function treeResponse({ instances, isSettled }: TreeReport): Response {
  return jsonResponse(isSettled ? 200 : 202, JSON.stringify({ instances }));
}
