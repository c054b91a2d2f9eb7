/** POST /makeprimary. This host takes no app lease: every process with the hub may run it, so that each is primary already. */
import { emptyResponse } from '../responses.ts';

export function makePrimary(): Promise<Response> {
  return Promise.resolve(emptyResponse(200));
}
