/**
 * Every storage name of a task hub, spelled here only: names are a contract with .NET engines, `func durable` and monitors.
 * Queues, containers and blobs use the hub name in lower case, tables keep its case.
 * Mirrors AzureStorageOrchestrationServiceSettings, AzureStorageOrchestrationService.GetControlQueueName and the lease managers.
 */
export interface HubNames {
  /** By partition index. */
  readonly controlQueues: readonly string[];
  readonly workItemQueue: string;
  readonly historyTable: string;
  readonly instancesTable: string;
  /** Exists where the table partition manager is, or was, in use. */
  readonly partitionsTable: string;
  readonly largeMessageContainer: string;
  /** Exists only where a blob-lease partition manager is in use. */
  readonly leaseContainer: string;
  /** In the lease container. */
  readonly taskHubInfoBlob: string;
  /** Of messages that were set aside: a queue and a container, which exist once there was one. */
  readonly poison: string;
  readonly appLeaseContainer: string;
  /** In the app lease container. */
  readonly appLeaseInfoBlob: string;
}

export function hubNames(taskHub: string, partitionCount: number): HubNames {
  const hub = taskHub.toLowerCase();
  return {
    controlQueues: Array.from({ length: partitionCount }, (_, index) =>
      controlQueueName(hub, index),
    ),
    workItemQueue: `${hub}-workitems`,
    historyTable: `${taskHub}History`,
    instancesTable: `${taskHub}Instances`,
    partitionsTable: `${taskHub}Partitions`,
    largeMessageContainer: `${hub}-largemessages`,
    leaseContainer: `${hub}-leases`,
    taskHubInfoBlob: 'taskhub.json',
    poison: `${hub}-poison`,
    appLeaseContainer: `${hub}-applease`,
    appLeaseInfoBlob: `${hub}-appleaseinfo`,
  };
}

/** The lease blobs of one control queue, in the lease container: safe managers use intent and ownership, old ones `legacy`. */
export function leaseBlobNames(controlQueue: string) {
  return {
    intent: `intent/${controlQueue}`,
    ownership: `ownership/${controlQueue}`,
    legacy: `default/${controlQueue}`,
  } as const;
}

function controlQueueName(hub: string, index: number): string {
  return `${hub}-control-${String(index).padStart(2, '0')}`;
}
