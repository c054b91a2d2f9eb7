import { describe, expect, it } from 'vitest';
import { load, loadDurableTask } from './config-folder.ts';

/** Without the folder, which differs from run to run. */
async function noticesOf(durableTask: unknown): Promise<readonly string[]> {
  const { notices } = await loadDurableTask(durableTask);
  return notices.map((notice) =>
    notice.replace(/^.*\/host\.json:\d+: extensions\.durableTask\./, ''),
  );
}

describe('notices about durableTask', () => {
  it('are absent for settings that do what they say', async () => {
    const durableTask = {
      hubName: 'Mine',
      maxConcurrentActivityFunctions: 5,
      storageProvider: { connectionStringName: 'AzureWebJobsStorage', partitionCount: 2 },
    };
    expect(await noticesOf(durableTask)).toEqual([]);
  });

  it.each([
    [
      { tracing: { traceInputsAndOutputs: true } },
      "tracing.traceInputsAndOutputs = 'true': this setting has no effect in this version; inputs and outputs are never logged",
    ],
    [
      { storageProvider: { trackingStoreConnectionName: 'Tracking' } },
      'tables and blobs stay in the storage account of the queues',
    ],
  ])('say what happens instead: %j', async (durableTask, expected) => {
    const notices = await noticesOf(durableTask);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(expected);
  });

  it.each([{ tracing: { traceInputsAndOutputs: false, distributedTracingEnabled: false } }])(
    'are absent when the setting describes what happens anyway: %j',
    async (durableTask) => {
      expect(await noticesOf(durableTask)).toEqual([]);
    },
  );

  it.each([
    { extendedSessionsEnabled: true, extendedSessionIdleTimeoutInSeconds: 60 },
    { maxConcurrentEntityFunctions: 5, useGracefulShutdown: false },
    { maxGrpcMessageSizeInBytes: 1, grpcHttpClientTimeout: '00:00:01' },
    { storageProvider: { useTablePartitionManagement: false, useLegacyPartitionManagement: true } },
    { storageProvider: { useInstanceTableEtag: true, partitionTableOperationTimeout: '00:00:05' } },
  ])('are absent when nobody would see a difference: %j', async (durableTask) => {
    expect(await noticesOf(durableTask)).toEqual([]);
  });

  it('speak once for a group of settings with one answer', async () => {
    const tracing = { distributedTracingEnabled: true, includeInstanceIdInOperationName: true };
    expect(await noticesOf({ tracing })).toEqual([
      expect.stringContaining("tracing.distributedTracingEnabled = 'true': this setting has no"),
    ]);
  });

  it.each([
    [{ hubname2: 'x' }, 'hubName'],
    [{ maxConcurentActivityFunctions: 5 }, 'maxConcurrentActivityFunctions'],
    [{ connectionName: 'X' }, 'storageProvider.connectionName'],
    [{ storageProvider: { maxOrchestrationActions: 5 } }, 'maxOrchestrationActions'],
    [{ storageProvider: { partionCount: 5 } }, 'storageProvider.partitionCount'],
  ])('name the nearest setting for an unknown one: %j', async (durableTask, nearest) => {
    expect(await noticesOf(durableTask)).toEqual([
      expect.stringContaining(
        `unknown setting of durableTask, ignored. Did you mean '${nearest}'?`,
      ),
    ]);
  });

  it('do not guess when nothing is near', async () => {
    expect(await noticesOf({ flavour: 'vanilla' })).toEqual([
      'flavour: unknown setting of durableTask, ignored.',
    ]);
  });

  it('doubt a lone number where a TimeSpan is due', async () => {
    expect(await noticesOf({ storageProvider: { maxQueuePollingInterval: '10' } })).toEqual([
      "storageProvider.maxQueuePollingInterval = '10': a lone number means days; 10 seconds are written '00:00:10'.",
    ]);
  });

  it('say which of two names counts', async () => {
    const storageProvider = { connectionName: 'Storage', connectionStringName: 'Other' };
    expect(await noticesOf({ storageProvider })).toEqual([
      "storageProvider.connectionStringName is ignored: 'extensions.durableTask.storageProvider.connectionName' is set.",
    ]);
  });

  it('warn of the flat names of extension 1.x, which are honoured', async () => {
    expect(await noticesOf({ partitionCount: 8 })).toEqual([
      "partitionCount = '8': this is the name of extension 1.x, which later ones ignore; write 'storageProvider.partitionCount'.",
    ]);
  });

  it('warn of a batch that is larger than the buffer', async () => {
    const storageProvider = { controlQueueBatchSize: 32, controlQueueBufferThreshold: 16 };
    expect(await noticesOf({ storageProvider })).toEqual([
      expect.stringMatching(/^ControlQueueBatchSize cannot be larger than/),
    ]);
  });

  it('warn of a management API that the durable client needs and may not use', async () => {
    const settings = { managementApi: 'readOnly', localRpcEndpointEnabled: false };
    expect(await noticesOf(settings)).toEqual([
      expect.stringMatching(/^managementApi is 'readOnly', and localRpcEndpointEnabled is false: /),
    ]);
  });

  it('find durableTask in the wrong place', async () => {
    const { notices, durableTask } = await load({
      files: { 'host.json': { version: '2.0', durableTask: { hubName: 'Mine' } } },
    });
    expect(durableTask.hubName).toBe('TestHubName');
    expect(notices).toEqual([
      expect.stringContaining(
        `durableTask is ignored: with "version": "2.0" these settings belong`,
      ),
    ]);
  });
});
