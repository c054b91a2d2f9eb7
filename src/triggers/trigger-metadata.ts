/** Values that every trigger's metadata carries, and small builders of typed data. */
import { randomUUID } from 'node:crypto';
import type { RpcTypedData } from '../function-app/rpc-typed-data.ts';

/** What classic functions see as `context.bindingData.sys`. Mirrors SystemBindingData of the WebJobs SDK. */
export function systemMetadata(functionName: string, nowMs: number): RpcTypedData {
  return {
    json: JSON.stringify({
      MethodName: functionName,
      UtcNow: new Date(nowMs).toISOString(),
      RandGuid: randomUUID(),
    }),
  };
}
