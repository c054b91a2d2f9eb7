import { describe, expect, it } from 'vitest';
import { failureOf, load, type Files } from './config-folder.ts';

const loadHostJson = (hostJson: unknown, env?: Record<string, string>) =>
  load({ files: { 'host.json': hostJson }, ...(env === undefined ? {} : { env }) });

describe('host.json', () => {
  it('may have comments, trailing commas, a byte order mark and names in any case', async () => {
    const text =
      '\ufeff{\n// the version\n"VERSION": "2.0",\n"Extensions": { "HTTP": { "RoutePrefix": "v1", }, /* x */ "durabletask": { "HUBNAME": "Mine" }, },\n}\n';
    const config = await loadHostJson(text);
    expect(config.http.routePrefix).toBe('v1');
    expect(config.durableTask.hubName).toBe('Mine');
  });

  it('that is missing or empty counts as version 2.0', async () => {
    const missing = await load();
    expect(missing).toMatchObject({ layout: 'v2', hostJsonPath: undefined, notices: [] });
    const empty = await loadHostJson('{ }');
    expect(empty.layout).toBe('v2');
    expect(empty.notices).toEqual([expect.stringContaining('is empty; read as')]);
  });

  it('without version is an error', async () => {
    const error = await failureOf(loadHostJson({ functions: ['A'], functionTimeout: '00:01:00' }));
    expect(error.message).toContain(
      "The host.json file is missing the required 'version' property. See https://aka.ms/functions-hostjson for steps to migrate the configuration file.",
    );
  });

  it.each([['3.0'], ['4.0'], [2], [2.1]])('of version %j is an error', async (version) => {
    const error = await failureOf(loadHostJson({ version }));
    expect(error.message).toContain(
      `'${version}' is an invalid value for host.json 'version' property. We recommend you set the 'version' property to '2.0'.`,
    );
  });

  it('that is not JSON is an error with line and column', async () => {
    const error = await failureOf(loadHostJson('{\n  "version": "2.0"\n  "functions": []\n}'));
    expect(error.problems).toHaveLength(1);
    expect(error.message).toMatch(
      /^(.*\/host\.json):3:3: Unable to parse host configuration file '\1'\. Line 3, column 3: expected ',' or '}' but found '"'\.$/,
    );
  });

  it.each(['[]', '"2.0"', 'null'])('%s is no configuration', async (text) => {
    const error = await failureOf(loadHostJson(text));
    expect(error.message).toContain('The file must contain a JSON object.');
  });

  it('may hold what this host does not know', async () => {
    const config = await loadHostJson({
      version: '2.0',
      extensionBundle: { id: 'Microsoft.Azure.Functions.ExtensionBundle', version: '[4.*, 5.0.0)' },
      logging: { applicationInsights: { samplingSettings: { isEnabled: true } } },
      extensions: { cosmosDB: { connectionMode: 'Gateway' }, http: { hsts: { isEnabled: true } } },
    });
    expect(config.notices).toEqual([]);
  });
});

describe('settings outside durableTask', () => {
  it('have these defaults', async () => {
    expect(await loadHostJson({ version: '2.0' })).toMatchObject({
      http: { routePrefix: 'api', customHeaders: {} },
      functionTimeoutMs: 1_800_000,
      functionsAllowList: undefined,
      isFileWatchingEnabled: true,
      watchDirectories: undefined,
      watchFiles: undefined,
      logLevels: {},
      queues: {
        maxPollingIntervalMs: 2_000,
        visibilityTimeoutMs: 0,
        batchSize: 16,
        maxDequeueCount: 5,
        newBatchThreshold: 8,
        messageEncoding: 'base64',
      },
      localHttp: { port: undefined, address: undefined, cors: undefined },
    });
  });

  it('are read', async () => {
    const hostJson = {
      version: '2.0',
      functionTimeout: '00:10:00',
      functions: ['A', 'B'],
      fileWatchingEnabled: false,
      watchDirectories: ['Shared'],
      watchFiles: ['prices.csv'],
      logging: { logLevel: { default: 'Warning', 'Host.Results': 'error', 'Function.A': 'None' } },
      extensions: {
        http: { routePrefix: '/v1/', customHeaders: { 'X-Frame-Options': 'DENY' } },
        queues: {
          maxPollingInterval: '00:00:10',
          visibilityTimeout: '00:00:30',
          batchSize: 9,
          maxDequeueCount: 3,
          messageEncoding: 'None',
        },
      },
    };
    expect(await loadHostJson(hostJson)).toMatchObject({
      functionTimeoutMs: 600_000,
      functionsAllowList: ['A', 'B'],
      isFileWatchingEnabled: false,
      watchDirectories: ['Shared'],
      watchFiles: ['prices.csv'],
      logLevels: { default: 'warning', 'Host.Results': 'error', 'Function.A': 'none' },
      http: { routePrefix: 'v1', customHeaders: { 'X-Frame-Options': 'DENY' } },
      queues: {
        maxPollingIntervalMs: 10_000,
        visibilityTimeoutMs: 30_000,
        batchSize: 9,
        maxDequeueCount: 3,
        newBatchThreshold: 4,
        messageEncoding: 'none',
      },
    });
  });

  it.each([
    ['-1', undefined],
    [-1, undefined],
    ['00:00:01', 1_000],
    ['1.00:00:00', 86_400_000],
  ])('functionTimeout %j is %s ms', async (functionTimeout, ms) => {
    expect((await loadHostJson({ version: '2.0', functionTimeout })).functionTimeoutMs).toBe(ms);
  });

  it('depend on plan and environment', async () => {
    const env = { WEBSITE_SKU: 'Dynamic', AZURE_FUNCTIONS_ENVIRONMENT: 'Production' };
    const config = await loadHostJson({ version: '2.0' }, env);
    expect(config.functionTimeoutMs).toBe(300_000);
    expect(config.queues.maxPollingIntervalMs).toBe(60_000);
  });

  it.each<[string, Files]>([
    ['functionTimeout', { functionTimeout: '00:00:00.5' }],
    ['functions', { functions: 'A' }],
    ['logging.logLevel.default', { logging: { logLevel: { default: 'Loud' } } }],
    ['extensions.http.customHeaders', { extensions: { http: { customHeaders: { a: [] } } } }],
    ['extensions.queues.batchSize', { extensions: { queues: { batchSize: 33 } } }],
    ['extensions.durableTask', { extensions: { durableTask: 'MyHub' } }],
    [
      'extensions.durableTask.storageProvider',
      { extensions: { durableTask: { storageProvider: 'AzureStorage' } } },
    ],
  ])('%s is checked', async (path, hostJson) => {
    const { problems } = await failureOf(loadHostJson({ version: '2.0', ...hostJson }));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });
});

describe('host.json of Functions 1.x', () => {
  it('is read with the flat names of extension 1.x', async () => {
    const config = await loadHostJson({
      functions: ['A'],
      http: { routePrefix: 'v1' },
      queues: { maxPollingInterval: 5000, batchSize: 8 },
      logger: { categoryFilter: { defaultLevel: 'Warning', categoryLevels: { Host: 'Error' } } },
      durableTask: {
        HubName: 'Sales',
        azureStorageConnectionStringName: 'AzureWebJobsStorage',
        partitionCount: 8,
        controlQueueBatchSize: 16,
        controlQueueVisibilityTimeout: '00:02:00',
        workItemQueueVisibilityTimeout: '00:03:00',
        maxQueuePollingInterval: '00:00:05',
        maxConcurrentActivityFunctions: 3,
        traceInputsAndOutputs: true,
        logReplayEvents: true,
      },
    });
    expect(config).toMatchObject({
      layout: 'v1',
      notices: [
        expect.stringContaining('inputs and outputs are never logged'),
        expect.stringContaining('replays are not logged'),
      ],
      functionsAllowList: ['A'],
      http: { routePrefix: 'v1' },
      queues: { maxPollingIntervalMs: 5_000, batchSize: 8 },
      logLevels: { default: 'warning', Host: 'error' },
      connection: { name: 'AzureWebJobsStorage' },
      durableTask: {
        hubName: 'Sales',
        maxConcurrentActivityFunctions: 3,
        tracing: { traceInputsAndOutputs: true, traceReplayEvents: true },
        storageProvider: {
          partitionCount: 8,
          controlQueueBatchSize: 16,
          controlQueueVisibilityTimeoutMs: 120_000,
          workItemQueueVisibilityTimeoutMs: 180_000,
          maxQueuePollingIntervalMs: 5_000,
        },
      },
    });
  });

  it('may also use the nested names of extension 2.x', async () => {
    const config = await loadHostJson({
      durableTask: { hubName: 'Sales', storageProvider: { partitionCount: 2 } },
    });
    expect(config.durableTask.storageProvider.partitionCount).toBe(2);
  });

  it('is overridden through either path', async () => {
    const hostJson = { durableTask: { hubName: 'Sales', partitionCount: 8 } };
    const env = {
      AzureFunctionsJobHost__durableTask__partitionCount: '2',
      AzureFunctionsJobHost__extensions__durableTask__hubName: 'Test1',
    };
    const { durableTask } = await loadHostJson(hostJson, env);
    expect(durableTask.hubName).toBe('Test1');
    expect(durableTask.storageProvider.partitionCount).toBe(2);
  });

  it('without a hub name says which hub extension 1.x used', async () => {
    const { notices } = await loadHostJson({ durableTask: {} });
    expect(notices).toEqual([expect.stringContaining("Extension 1.x used 'DurableFunctionsHub'")]);
  });

  it('names the flat path of a wrong value', async () => {
    const { problems } = await failureOf(
      loadHostJson({ durableTask: { HubName: 'Sales', partitionCount: 20 } }),
    );
    expect(problems.map(({ path, value }) => [path, value])).toEqual([
      ['durableTask.partitionCount', "'20'"],
    ]);
  });
});
