/** The settings under `extensions.durableTask.storageProvider`. Mirrors AzureStorageOptions of the .NET extension. */
import { choice, flag, integer, optionalText, text, timeSpan } from './setting-kinds.ts';

export const storageProviderSettings = {
  type: choice({
    path: 'storageProvider.type',
    values: ['AzureStorage', 'local', 'memory'],
    default: 'AzureStorage',
    doc: 'Where the task hub is stored. `local` (ours) keeps it in a folder of this machine, `memory` (ours) in the process, for tests and throw-away runs.',
    explain: (type) =>
      `The storage provider '${type}' is not supported by this version. Use 'AzureStorage' (the default), 'local' for a folder of this machine, or 'memory' for throw-away runs. func start --storage local leaves host.json as it is, and has the task hub in a folder.`,
  }),
  path: text({
    path: 'storageProvider.path',
    default: '.durable',
    doc: 'With type `local`: the folder of the task hubs, relative to that of host.json. On a disk of this machine, not on a network share.',
  }),
  /** undefined when not set: `AzureWebJobsStorage` is used, and URLs of the management API say `connection=Storage`. */
  connectionName: optionalText({
    path: 'storageProvider.connectionName',
    oldNames: ['storageProvider.connectionStringName'],
    v1Names: ['azureStorageConnectionStringName'],
    doc: 'Name of the app setting that holds the storage connection string; `AzureWebJobsStorage` when not set.',
  }),
  partitionCount: integer({
    path: 'storageProvider.partitionCount',
    v1Names: ['partitionCount'],
    default: 4,
    min: 1,
    max: 16,
    doc: 'Number of control queues. The same for everybody who uses the hub; another number needs a new hub.',
  }),
  controlQueueBatchSize: integer({
    path: 'storageProvider.controlQueueBatchSize',
    v1Names: ['controlQueueBatchSize'],
    default: 32,
    min: 1,
    max: 32,
    doc: 'Messages fetched from a control queue at a time.',
  }),
  controlQueueBufferThreshold: integer({
    path: 'storageProvider.controlQueueBufferThreshold',
    v1Names: ['controlQueueBufferThreshold'],
    default: {
      text: '256 (consumption plan: 128)',
      of: ({ plan }) => (plan === 'consumption' ? 128 : 256),
    },
    min: 1,
    max: 1000,
    doc: 'Control queue messages held in memory; at this number nothing more is fetched.',
  }),
  controlQueueVisibilityTimeoutMs: timeSpan({
    path: 'storageProvider.controlQueueVisibilityTimeout',
    v1Names: ['controlQueueVisibilityTimeout'],
    default: '00:05:00',
    min: '00:01:00',
    max: '01:00:00',
    doc: 'How long a fetched control message stays hidden from other workers; renewed while it is worked on.',
  }),
  workItemQueueVisibilityTimeoutMs: timeSpan({
    path: 'storageProvider.workItemQueueVisibilityTimeout',
    v1Names: ['workItemQueueVisibilityTimeout'],
    default: '00:05:00',
    min: '00:00:01',
    max: '7.00:00:00',
    doc: 'The same for activity messages.',
  }),
  maxQueuePollingIntervalMs: timeSpan({
    path: 'storageProvider.maxQueuePollingInterval',
    v1Names: ['maxQueuePollingInterval'],
    default: {
      text: '00:00:30 (flex consumption plan: 00:00:01)',
      of: ({ plan }) => (plan === 'flexConsumption' ? 1_000 : 30_000),
    },
    min: '00:00:00.001',
    max: '24.00:00:00',
    doc: 'The longest pause between two looks into an idle queue.',
  }),
  queueClientMessageEncoding: choice({
    path: 'storageProvider.queueClientMessageEncoding',
    values: ['UTF8', 'Base64'],
    default: 'UTF8',
    doc: 'How queue messages are written. Both forms are read.',
  }),
  fetchLargeMessagesAutomatically: flag({
    path: 'storageProvider.fetchLargeMessagesAutomatically',
    default: true,
    ineffective: { instead: 'large inputs and outputs are always fetched', harmlessValue: true },
    doc: 'Status queries return large inputs and outputs rather than the URL of their blob.',
  }),
  useTablePartitionManagement: flag({
    path: 'storageProvider.useTablePartitionManagement',
    default: true,
    doc: 'Share the partitions among the workers of a hub by a table; `false`: by leases of blobs. The same for everybody who works on the hub.',
  }),
  useLegacyPartitionManagement: flag({
    path: 'storageProvider.useLegacyPartitionManagement',
    default: false,
    doc: 'Share them by one lease for each, the oldest way; `useTablePartitionManagement` has to be `false` then.',
  }),
  partitionTableOperationTimeoutMs: timeSpan({
    path: 'storageProvider.partitionTableOperationTimeout',
    default: '00:00:02',
    min: '00:00:00.001',
    max: '24.00:00:00',
    doc: 'Time limit of a request to the Partitions table.',
  }),
  leaseIntervalMs: timeSpan({
    path: 'storageProvider.leaseInterval',
    default: '00:00:30',
    min: '00:00:03',
    max: '01:00:00',
    doc: "How long a partition is a worker's that does not renew its claim: after a crash, others take over then. Twice as long while one worker alone has nothing to do. Leases of blobs last for 15 to 60 s.",
  }),
  leaseAcquireIntervalMs: timeSpan({
    path: 'storageProvider.leaseAcquireInterval',
    default: '00:00:10',
    min: '00:00:01',
    max: '00:20:00',
    doc: 'How often a worker looks at what others have, and renews what it has; a third of `leaseInterval` at most.',
  }),
  useInstanceTableEtag: flag({
    path: 'storageProvider.useInstanceTableEtag',
    default: false,
    ineffective: 'unseen',
    doc: 'Guard updates of the Instances table by ETag.',
  }),
  allowReplayingTerminalInstances: flag({
    path: 'storageProvider.allowReplayingTerminalInstances',
    default: false,
    ineffective: 'unseen',
    doc: 'Let a message to a finished instance replay it.',
  }),
  trackingStoreConnectionName: optionalText({
    path: 'storageProvider.trackingStoreConnectionName',
    oldNames: ['storageProvider.trackingStoreConnectionStringName'],
    v1Names: ['trackingStoreConnectionStringName'],
    ineffective: { instead: 'tables and blobs stay in the storage account of the queues' },
    doc: 'Another storage account for tables and blobs.',
  }),
  trackingStoreNamePrefix: text({
    path: 'storageProvider.trackingStoreNamePrefix',
    v1Names: ['trackingStoreNamePrefix'],
    default: 'DurableTask',
    ineffective: { instead: 'the tables are named after the task hub' },
    doc: 'Prefix of the table names in that other account.',
  }),
};
