// `client.getStatus` of the SDK throws for an instance that does not exist; here that is an answer like any other.
import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';

/** The status of an instance, or undefined when there is none. */
export async function findInstance(
  client: DurableClient,
  instanceId: string,
): Promise<DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(instanceId, { showInput: true });
  } catch (error) {
    if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
    throw error;
  }
}
