import { describe, expect, expectTypeOf, it } from 'vitest';
import type { DurableTaskConfig } from '../../src/config/config.ts';
import {
  durableTaskSettingDescriptions,
  durableTaskSettings,
} from '../../src/config/durable-task-settings.ts';
import { flatten } from '../../src/config/setting-tree.ts';
import { failureOf, load, loadDurableTask } from './config-folder.ts';

/** `{ 'a.b': 1 }` → `{ a: { b: 1 } }` */
function nested(path: string, value: unknown): unknown {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

function read(config: DurableTaskConfig, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], config);
}

describe('durableTask without any setting', () => {
  it('has the defaults of extension 3.x on a machine with two processors', async () => {
    const { durableTask } = await loadDurableTask({});
    expect(durableTask).toEqual({
      hubName: 'TestHubName',
      isHubNamed: false,
      storageProvider: {
        type: 'AzureStorage',
        path: '.durable',
        connectionName: undefined,
        partitionCount: 4,
        controlQueueBatchSize: 32,
        controlQueueBufferThreshold: 256,
        controlQueueVisibilityTimeoutMs: 300_000,
        workItemQueueVisibilityTimeoutMs: 300_000,
        maxQueuePollingIntervalMs: 30_000,
        queueClientMessageEncoding: 'UTF8',
        fetchLargeMessagesAutomatically: true,
        useTablePartitionManagement: true,
        useLegacyPartitionManagement: false,
        partitionTableOperationTimeoutMs: 2_000,
        leaseIntervalMs: 30_000,
        leaseAcquireIntervalMs: 10_000,
        useInstanceTableEtag: false,
        allowReplayingTerminalInstances: false,
        trackingStoreConnectionName: undefined,
        trackingStoreNamePrefix: 'DurableTask',
      },
      maxConcurrentActivityFunctions: 20,
      maxConcurrentOrchestratorFunctions: 20,
      maxConcurrentEntityFunctions: 20,
      maxEntityOperationBatchSize: 5000,
      entityMessageReorderWindowInMinutes: 30,
      maxOrchestrationActions: 100_000,
      poisonMessageThreshold: 5,
      purgeIgnoresOpenStatuses: false,
      retention: {
        byStatus: {
          Completed: undefined,
          Failed: undefined,
          Terminated: undefined,
          Canceled: undefined,
        },
        orchestrations: new Map(),
        purgesPerSecond: 20,
      },
      overridableExistingInstanceStates: 'NonRunningStates',
      storeInputsInOrchestrationHistory: false,
      localRpcEndpointEnabled: true,
      defaultVersion: undefined,
      versionMatchStrategy: 'CurrentOrOlder',
      versionFailureStrategy: 'Reject',
      commitWindowMs: 100,
      sessionCacheMegabytes: 64,
      waitForOpenTimers: true,
      orchestratorCodeChecks: 'warn',
      metricsEndpoint: false,
      managementApi: 'on',
      managementFunction: {
        name: 'DurableTaskManagement',
        route: 'durabletask',
        authLevel: 'anonymous',
        key: undefined,
      },
      warmUpSchedule: undefined,
      otherHubs: 'declared',
      otherApps: 'warn',
      wakeUpUrl: undefined,
      dashboard: { dangerousOperations: 'local' },
      signedLinks: { lifetimeMs: 0 },
      httpSettings: { defaultAsyncRequestSleepTimeMs: 30_000, useForwardedHost: false },
      tracing: {
        traceInputsAndOutputs: false,
        traceReplayEvents: false,
        distributedTracingEnabled: false,
        distributedTracingProtocol: 'HttpCorrelationProtocol',
        version: 'V1',
        includeInstanceIdInOperationName: false,
        allowVerboseLinuxTelemetry: false,
      },
      notifications: {
        eventGrid: {
          topicEndpoint: undefined,
          keySettingName: undefined,
          publishRetryCount: 0,
          publishRetryIntervalMs: 300_000,
          publishRetryHttpStatus: undefined,
          publishEventTypes: undefined,
        },
      },
      extendedSessionsEnabled: false,
      extendedSessionIdleTimeoutInSeconds: 30,
      useAppLease: true,
      appLeaseOptions: {
        renewIntervalMs: 25_000,
        acquireIntervalMs: 300_000,
        leaseIntervalMs: 60_000,
      },
      useGracefulShutdown: false,
      rollbackEntityOperationsOnExceptions: true,
      throwStatusExceptionsOnRaiseEvent: true,
      maxGrpcMessageSizeInBytes: 4_194_304,
      grpcHttpClientTimeoutMs: 100_000,
      notificationUrl: undefined,
      customLifeCycleNotificationHelperType: '',
    });
  });

  it('has smaller ones on the consumption plan', async () => {
    const { durableTask } = await loadDurableTask({}, { WEBSITE_SKU: 'Dynamic' });
    expect(durableTask).toMatchObject({
      maxConcurrentActivityFunctions: 10,
      maxConcurrentOrchestratorFunctions: 5,
      maxConcurrentEntityFunctions: 10,
      maxEntityOperationBatchSize: 50,
      storageProvider: { controlQueueBufferThreshold: 128 },
    });
  });

  it('polls more often on the flex consumption plan', async () => {
    const { durableTask } = await loadDurableTask({}, { WEBSITE_SKU: 'FlexConsumption' });
    expect(durableTask.storageProvider.maxQueuePollingIntervalMs).toBe(1_000);
  });

  it('takes null for not set', async () => {
    const { durableTask } = await loadDurableTask({
      maxConcurrentActivityFunctions: null,
      localRpcEndpointEnabled: null,
      storageProvider: null,
    });
    expect(durableTask.maxConcurrentActivityFunctions).toBe(20);
    expect(durableTask.localRpcEndpointEnabled).toBe(true);
  });
});

/** path in host.json, path in Config, values that are taken (written → read), values that are refused */
type Row = readonly [string, string, readonly (readonly [unknown, unknown])[], readonly unknown[]];

const flag = (path: string): Row => [
  path,
  path,
  [
    [true, true],
    [false, false],
    ['True', true],
    ['false', false],
  ],
  ['yes', 1, '', {}, []],
];
const positive = (path: string): Row => [
  path,
  path,
  [
    [1, 1],
    [5000, 5000],
    ['7', 7],
    [2_147_483_647, 2_147_483_647],
  ],
  [0, -1, 1.5, '1.0', 'many', '', 2_147_483_648, {}, true],
];
const nonNegative = (path: string): Row => [
  path,
  path,
  [
    [0, 0],
    [60, 60],
  ],
  [-1, 0.5, 'x'],
];
const provider = (name: string): string => `storageProvider.${name}`;

const ROWS: readonly Row[] = [
  [
    provider('partitionCount'),
    provider('partitionCount'),
    [
      [1, 1],
      [16, 16],
      ['8', 8],
    ],
    [0, 17, -1, 4.5, 'four'],
  ],
  [
    provider('controlQueueBatchSize'),
    provider('controlQueueBatchSize'),
    [
      [1, 1],
      [32, 32],
    ],
    [0, 33],
  ],
  [
    provider('controlQueueBufferThreshold'),
    provider('controlQueueBufferThreshold'),
    [
      [1, 1],
      [1000, 1000],
    ],
    [0, 1001],
  ],
  [
    provider('controlQueueVisibilityTimeout'),
    provider('controlQueueVisibilityTimeoutMs'),
    [
      ['00:01:00', 60_000],
      ['01:00:00', 3_600_000],
    ],
    ['00:00:59', '01:00:01', 5, '5 minutes', true],
  ],
  [
    provider('workItemQueueVisibilityTimeout'),
    provider('workItemQueueVisibilityTimeoutMs'),
    [
      ['00:00:01', 1_000],
      ['7.00:00:00', 604_800_000],
    ],
    ['00:00:00', '7.00:00:01', '-00:05:00'],
  ],
  [
    provider('maxQueuePollingInterval'),
    provider('maxQueuePollingIntervalMs'),
    [
      ['00:00:00.001', 1],
      ['24.00:00:00', 2_073_600_000],
      [10, 864_000_000],
    ],
    ['00:00:00', '-00:00:01', '25.00:00:00'],
  ],
  [
    provider('queueClientMessageEncoding'),
    provider('queueClientMessageEncoding'),
    [
      ['UTF8', 'UTF8'],
      ['base64', 'Base64'],
    ],
    ['utf-16', 0],
  ],
  [
    provider('type'),
    provider('type'),
    [
      ['azurestorage', 'AzureStorage'],
      ['Memory', 'memory'],
      ['LOCAL', 'local'],
    ],
    ['mssql', 'Netherite', 'azureManaged', 'sqlite'],
  ],
  flag(provider('fetchLargeMessagesAutomatically')),
  flag(provider('useTablePartitionManagement')),
  [
    provider('useLegacyPartitionManagement'),
    provider('useLegacyPartitionManagement'),
    // Not without another setting: see below.
    [
      [false, false],
      ['False', false],
    ],
    ['yes', 1, '', {}, []],
  ],
  flag(provider('useInstanceTableEtag')),
  flag(provider('allowReplayingTerminalInstances')),
  [
    provider('partitionTableOperationTimeout'),
    provider('partitionTableOperationTimeoutMs'),
    [['00:00:05', 5_000]],
    ['00:00:00'],
  ],
  [
    provider('leaseInterval'),
    provider('leaseIntervalMs'),
    [['00:01:00', 60_000]],
    ['00:00:02', '01:00:01'],
  ],
  [
    provider('leaseAcquireInterval'),
    provider('leaseAcquireIntervalMs'),
    [['00:00:05', 5_000]],
    ['00:00:00', '00:20:01'],
  ],
  [
    provider('trackingStoreConnectionName'),
    provider('trackingStoreConnectionName'),
    [['Tracking', 'Tracking']],
    [{}, []],
  ],
  [
    provider('trackingStoreNamePrefix'),
    provider('trackingStoreNamePrefix'),
    [['Shared', 'Shared']],
    [{}],
  ],
  positive('maxConcurrentActivityFunctions'),
  positive('maxConcurrentOrchestratorFunctions'),
  positive('maxConcurrentEntityFunctions'),
  positive('maxEntityOperationBatchSize'),
  positive('maxOrchestrationActions'),
  positive('maxGrpcMessageSizeInBytes'),
  nonNegative('entityMessageReorderWindowInMinutes'),
  nonNegative('extendedSessionIdleTimeoutInSeconds'),
  nonNegative('notifications.eventGrid.publishRetryCount'),
  [
    'overridableExistingInstanceStates',
    'overridableExistingInstanceStates',
    [
      ['AnyState', 'AnyState'],
      ['nonrunningstates', 'NonRunningStates'],
    ],
    ['Running', true],
  ],
  flag('storeInputsInOrchestrationHistory'),
  flag('localRpcEndpointEnabled'),
  [
    'defaultVersion',
    'defaultVersion',
    [
      ['2.0', '2.0'],
      [1, '1'],
      ['', ''],
    ],
    [{}, []],
  ],
  [
    'versionMatchStrategy',
    'versionMatchStrategy',
    [
      ['None', 'None'],
      ['strict', 'Strict'],
      ['CurrentOrOlder', 'CurrentOrOlder'],
    ],
    ['Newer'],
  ],
  [
    'versionFailureStrategy',
    'versionFailureStrategy',
    [
      ['Reject', 'Reject'],
      ['fail', 'Fail'],
    ],
    ['Ignore'],
  ],
  [
    'commitWindow',
    'commitWindowMs',
    [
      ['00:00:00', 0],
      ['00:00:00.250', 250],
      ['00:00:10', 10_000],
    ],
    ['00:00:10.001', '-00:00:01', 1],
  ],
  ...['Completed', 'Failed', 'Terminated', 'Canceled'].map((status): Row => [
    `retention.${status}`,
    `retention.byStatus.${status}`,
    [
      ['7.00:00:00', 7 * 24 * 3_600_000],
      ['Never', Infinity],
    ],
    ['00:00:00', '-1.00:00:00', 'forever', {}],
  ]),
  [
    'retention.orchestrations',
    'retention.orchestrations',
    [
      [
        { Import: { completed: '1.00:00:00', Failed: 'never' } },
        new Map([['import', { Completed: 24 * 3_600_000, Failed: Infinity }]]),
      ],
      [{}, new Map()],
    ],
    [{ Import: '1.00:00:00' }, { Import: { Running: '1.00:00:00' } }, { Import: { Failed: 'x' } }],
  ],
  [
    'retention.purgesPerSecond',
    'retention.purgesPerSecond',
    [
      [1, 1],
      [1000, 1000],
    ],
    [0, 1001],
  ],
  flag('purgeIgnoresOpenStatuses'),
  [
    'poisonMessageThreshold',
    'poisonMessageThreshold',
    [
      [1, 1],
      ['100', 100],
    ],
    [0, 101, 'five'],
  ],
  [
    'sessionCacheMegabytes',
    'sessionCacheMegabytes',
    [
      [0, 0],
      ['128', 128],
      [4096, 4096],
    ],
    [-1, 4097, 0.5, 'off'],
  ],
  [
    'orchestratorCodeChecks',
    'orchestratorCodeChecks',
    [
      ['off', 'off'],
      ['Error', 'error'],
    ],
    ['strict', true],
  ],
  [
    'httpSettings.defaultAsyncRequestSleepTimeMilliseconds',
    'httpSettings.defaultAsyncRequestSleepTimeMs',
    [[1, 1]],
    [0, '00:00:30'],
  ],
  [
    'otherHubs',
    'otherHubs',
    [
      ['ANY', 'any'],
      ['declared', 'declared'],
    ],
    ['none', true],
  ],
  [
    'otherApps',
    'otherApps',
    [
      ['Refuse', 'refuse'],
      ['allow', 'allow'],
    ],
    ['none', true],
  ],
  flag('metricsEndpoint'),
  [
    'managementApi',
    'managementApi',
    [
      ['readonly', 'readOnly'],
      ['off', 'off'],
    ],
    ['none', false],
  ],
  [
    'managementFunction.name',
    'managementFunction.name',
    [
      ['Manage', 'Manage'],
      ['my_hub-2', 'my_hub-2'],
    ],
    [{}, '', '2nd', 'my function', 'a/b', 'é'],
  ],
  [
    'managementFunction.route',
    'managementFunction.route',
    [
      ['durable', 'durable'],
      ['/internal/v1.2/tasks~-_/', '/internal/v1.2/tasks~-_/'],
      ['.well-known/tasks', '.well-known/tasks'],
    ],
    [
      ...[[], '', '/', 'a//b', '.', 'a/../b', '../a', 'a/.'],
      ...['{x}', 'tasks/{*path}', 'a b', 'a?b', 'a#b', 'a%2fb', 'a\\b', 'ä'],
    ],
  ],
  [
    'managementFunction.authLevel',
    'managementFunction.authLevel',
    [
      ['Function', 'function'],
      ['admin', 'admin'],
    ],
    ['system', true],
  ],
  ['managementFunction.key', 'managementFunction.key', [['%KEY%', '%KEY%']], [{}]],
  ['warmUpSchedule', 'warmUpSchedule', [['0 */5 * * * *', '0 */5 * * * *']], [{}]],
  [
    'dashboard.dangerousOperations',
    'dashboard.dangerousOperations',
    [
      ['On', 'on'],
      ['off', 'off'],
      ['local', 'local'],
    ],
    ['never', true],
  ],
  [
    'signedLinks.lifetime',
    'signedLinks.lifetimeMs',
    [['01:00:00', 3_600_000]],
    ['-00:00:01', '367.00:00:00'],
  ],
  flag('httpSettings.useForwardedHost'),
  flag('tracing.traceInputsAndOutputs'),
  flag('tracing.traceReplayEvents'),
  flag('tracing.distributedTracingEnabled'),
  flag('tracing.includeInstanceIdInOperationName'),
  flag('tracing.allowVerboseLinuxTelemetry'),
  [
    'tracing.distributedTracingProtocol',
    'tracing.distributedTracingProtocol',
    [['w3ctracecontext', 'W3CTraceContext']],
    ['B3'],
  ],
  ['tracing.version', 'tracing.version', [['v2', 'V2']], ['V3', 2]],
  [
    'notifications.eventGrid.topicEndpoint',
    'notifications.eventGrid.topicEndpoint',
    [['https://t.test/api/events', 'https://t.test/api/events']],
    [[]],
  ],
  [
    'notifications.eventGrid.keySettingName',
    'notifications.eventGrid.keySettingName',
    [['EventGridKey', 'EventGridKey']],
    [{}],
  ],
  [
    'notifications.eventGrid.publishRetryInterval',
    'notifications.eventGrid.publishRetryIntervalMs',
    [['01:00:00', 3_600_000]],
    ['00:00:00', '01:00:01'],
  ],
  [
    'notifications.eventGrid.publishRetryHttpStatus',
    'notifications.eventGrid.publishRetryHttpStatus',
    [
      [
        [400, 503],
        [400, 503],
      ],
      [[], undefined],
    ],
    [[99], [600], ['x'], 400],
  ],
  [
    'notifications.eventGrid.publishEventTypes',
    'notifications.eventGrid.publishEventTypes',
    [
      [
        ['started', 'Failed'],
        ['Started', 'Failed'],
      ],
    ],
    [['Pending'], ['ContinuedAsNew'], 'Started'],
  ],
  flag('extendedSessionsEnabled'),
  flag('useAppLease'),
  [
    'appLeaseOptions.renewInterval',
    'appLeaseOptions.renewIntervalMs',
    [['00:00:10', 10_000]],
    ['00:00:00'],
  ],
  [
    'appLeaseOptions.acquireInterval',
    'appLeaseOptions.acquireIntervalMs',
    [['00:01:00', 60_000]],
    ['x'],
  ],
  [
    'appLeaseOptions.leaseInterval',
    'appLeaseOptions.leaseIntervalMs',
    [['00:00:15', 15_000]],
    ['00:00:14', '00:01:01'],
  ],
  flag('waitForOpenTimers'),
  flag('useGracefulShutdown'),
  flag('rollbackEntityOperationsOnExceptions'),
  flag('throwStatusExceptionsOnRaiseEvent'),
  ['grpcHttpClientTimeout', 'grpcHttpClientTimeoutMs', [['00:00:20', 20_000]], ['x']],
  [
    'wakeUpUrl',
    'wakeUpUrl',
    [['http://10.0.0.7:7071', 'http://10.0.0.7:7071']],
    [[], '10.0.0.7:7071'],
  ],
  ['notificationUrl', 'notificationUrl', [['http://x.test', 'http://x.test']], [[], 'x.test']],
  [
    'customLifeCycleNotificationHelperType',
    'customLifeCycleNotificationHelperType',
    [['My.Helper, Mine', 'My.Helper, Mine']],
    [{}],
  ],
  [provider('path'), provider('path'), [['/srv/hubs', '/srv/hubs']], [{}]],
  [
    provider('connectionName'),
    provider('connectionName'),
    [['AzureWebJobsStorage', 'AzureWebJobsStorage']],
    [{}],
  ],
  ['hubName', 'hubName', [['MyHub', 'MyHub']], ['My-Hub', '', {}, 12]],
];

describe.each(ROWS)('the setting %s', (path, configPath, taken, refused) => {
  it.each(taken)('takes %j as %j', async (written, value) => {
    const { durableTask } = await loadDurableTask(nested(path, written));
    expect(read(durableTask, configPath)).toEqual(value);
  });

  it.each(refused.map((value) => ({ value })))('refuses $value', async ({ value }) => {
    const { problems } = await failureOf(loadDurableTask(nested(path, value)));
    expect(problems.map((problem) => problem.path)).toEqual([`extensions.durableTask.${path}`]);
  });
});

describe('the table of settings', () => {
  it('gives the configuration its types', () => {
    type Provider = DurableTaskConfig['storageProvider'];
    expectTypeOf<Provider['type']>().toEqualTypeOf<'AzureStorage' | 'local' | 'memory'>();
    expectTypeOf<Provider['connectionName']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<DurableTaskConfig['commitWindowMs']>().toEqualTypeOf<number>();
    expectTypeOf<DurableTaskConfig['hubName']>().toEqualTypeOf<string>();
    expectTypeOf<DurableTaskConfig['tracing']['traceReplayEvents']>().toEqualTypeOf<boolean>();
  });

  it('has each setting once, each of them tested above', () => {
    const paths = durableTaskSettingDescriptions.map(({ name }) => name);
    expect(new Set(paths).size).toBe(paths.length);
    expect(ROWS.map(([path]) => path).sort()).toEqual([...paths].sort());
  });

  it('shows a default for whoever reads docs/settings.md', () => {
    const byName = new Map(durableTaskSettingDescriptions.map((row) => [row.name, row]));
    expect(byName.get('storageProvider.partitionCount')).toMatchObject({
      default: '4',
      effective: true,
    });
    expect(byName.get('commitWindow')?.default).toBe('00:00:00.100');
    expect(byName.get('maxConcurrentActivityFunctions')?.default).toBe(
      '10 × processors (consumption plan: 10)',
    );
    expect(byName.get('useAppLease')).toMatchObject({ default: 'true', effective: true });
    expect(durableTaskSettingDescriptions.every(({ doc }) => doc.endsWith('.'))).toBe(true);
  });

  it('has no setting with an effect beside which something else happens', () => {
    const both = flatten(durableTaskSettings).filter(
      ({ effective, instead }) => effective && instead !== undefined,
    );
    expect(both).toEqual([]);
  });
});

describe('a wrong value', () => {
  it.each([
    [
      'maxConcurrentActivityFunctions',
      0,
      'MaxConcurrentActivityFunctions must be a positive integer value.',
    ],
    [
      'storageProvider.partitionCount',
      17,
      'PartitionCount must be an integer value between 1 and 16.',
    ],
    [
      'storageProvider.controlQueueVisibilityTimeout',
      '5',
      "ControlQueueVisibilityTimeout must be a TimeSpan 'hh:mm:ss' between 00:01:00 and 01:00:00. Mind that a lone number means days; 5 seconds are written '00:00:05'.",
    ],
    [
      'overridableExistingInstanceStates',
      'Some',
      "OverridableExistingInstanceStates must be one of 'NonRunningStates', 'AnyState'.",
    ],
    [
      'storageProvider.type',
      'mssql',
      "The storage provider 'mssql' is not supported by this version. Use 'AzureStorage' (the default), 'local' for a folder of this machine, or 'memory' for throw-away runs. func start --storage local leaves host.json as it is, and has the task hub in a folder.",
    ],
    ['useAppLease', 'no', 'UseAppLease must be true or false.'],
    [
      'managementFunction.route',
      'tasks/{id}',
      "Route must be a path without parameters, such as 'durabletask' or 'internal/tasks'.",
    ],
  ])('of %s is explained', async (path, value, message) => {
    const { problems } = await failureOf(loadDurableTask(nested(path, value)));
    expect(problems).toMatchObject([{ value: `'${value}'`, message }]);
  });

  it.each([
    { type: 'azureManaged', connectionStringName: 'DTS_CONNECTION' },
    { type: 'mssql', connectionStringName: 'SQLDB_Connection', taskEventLockTimeout: '00:02:00' },
    { type: 'Netherite', StorageConnectionName: 'X', EventHubsConnectionName: 'Y' },
  ])('of a provider that is not there is all that is said: %j', async (storageProvider) => {
    const { problems } = await failureOf(loadDurableTask({ storageProvider }));

    expect(problems.map(({ path }) => path)).toEqual([
      'extensions.durableTask.storageProvider.type',
    ]);
  });

  it.each([
    [{ useLegacyPartitionManagement: true }, 'useLegacyPartitionManagement', 'cannot both be true'],
    [
      { useTablePartitionManagement: false, leaseInterval: '00:00:14' },
      'leaseInterval',
      'between 00:00:15 and 00:01:00',
    ],
    [
      { useTablePartitionManagement: false, leaseInterval: '00:01:01' },
      'leaseInterval',
      'between 00:00:15 and 00:01:00',
    ],
  ])('of how partitions are shared is explained: %j', async (storageProvider, name, message) => {
    const { problems } = await failureOf(loadDurableTask({ storageProvider }));

    expect(problems).toMatchObject([
      {
        path: `extensions.durableTask.storageProvider.${name}`,
        message: expect.stringContaining(message) as string,
      },
    ]);
  });

  it.each([
    { useTablePartitionManagement: false },
    { useTablePartitionManagement: false, useLegacyPartitionManagement: true },
    { useTablePartitionManagement: false, leaseInterval: '00:00:15' },
    { useTablePartitionManagement: true, leaseInterval: '00:00:05' },
  ])('is none of how partitions are shared that fits together: %j', async (storageProvider) => {
    const { durableTask } = await loadDurableTask({ storageProvider });
    const { useTablePartitionManagement } = durableTask.storageProvider;
    expect(useTablePartitionManagement).toBe(storageProvider.useTablePartitionManagement);
  });

  it('is reported with file, line and spelling', async () => {
    const hostJson =
      '{\n  "Version": "2.0",\n  "Extensions": { "DurableTask": {\n    "MaxOrchestrationActions": "all" } }\n}';
    const error = await failureOf(load({ files: { 'host.json': hostJson } }));
    expect(error.message).toMatch(
      /^\/.*\/host\.json:4:32: Extensions\.DurableTask\.MaxOrchestrationActions = 'all': MaxOrchestrationActions must be a positive integer value\.$/,
    );
  });
});
