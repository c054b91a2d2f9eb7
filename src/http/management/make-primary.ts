/** POST /makeprimary: this app works on the hub from now on. Mirrors HttpApiHandler.HandleMakePrimaryRequestAsync. */
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function makePrimary({ client }: OperationCall): Promise<Response> {
  await client.makePrimary();
  return emptyResponse(200);
}
