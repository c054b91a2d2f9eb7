/**
 * Every setting of `extensions.durableTask` that the .NET extension documents, and ours, each declared once. Mirrors
 * DurableTaskOptions (3.x) and, by their 1.x names, the flat options of extension 1.x.
 *
 * Longer than a file should be, because it is a table: whoever looks for a setting finds all of them here
 * (those under `storageProvider` in storage-provider-settings.ts).
 */
import type { Setting } from './setting.ts';
import {
  choice,
  flag,
  formedText,
  integer,
  optionalHttpUrl,
  optionalIntegerList,
  optionalText,
  optionalTextList,
  text,
  timeSpan,
} from './setting-kinds.ts';
import { keepTime, keepTimesByName } from './retention-settings.ts';
import { flatten } from './setting-tree.ts';
import { storageProviderSettings } from './storage-provider-settings.ts';

const TRACES_FOLLOW_OPEN_TELEMETRY =
  'trace context follows W3C, and spans go to the OpenTelemetry provider that the app registers';

const perProcessor = (consumption: number) => ({
  text: `10 × processors (consumption plan: ${consumption})`,
  of: (context: { readonly cpuCount: number; readonly plan: string }) =>
    context.plan === 'consumption' ? consumption : 10 * context.cpuCount,
});

export const durableTaskSettings = {
  /** As written; hub-name.ts makes the name of it. */
  hubName: optionalText({
    path: 'hubName',
    doc: 'Name of the task hub, `%APP_SETTING%` allowed; when not set, the site name in Azure and `TestHubName` elsewhere.',
  }),
  storageProvider: storageProviderSettings,

  maxConcurrentActivityFunctions: integer({
    path: 'maxConcurrentActivityFunctions',
    default: perProcessor(10),
    min: 1,
    doc: 'Activities that run at once in a process.',
  }),
  maxConcurrentOrchestratorFunctions: integer({
    path: 'maxConcurrentOrchestratorFunctions',
    default: perProcessor(5),
    min: 1,
    doc: 'Orchestrators and entities that run at once in a process.',
  }),
  maxConcurrentEntityFunctions: integer({
    path: 'maxConcurrentEntityFunctions',
    default: perProcessor(10),
    min: 1,
    ineffective: 'unseen',
    doc: 'Entities that run at once in a process.',
  }),
  maxEntityOperationBatchSize: integer({
    path: 'maxEntityOperationBatchSize',
    default: {
      text: '5000 (consumption plan: 50)',
      of: ({ plan }) => (plan === 'consumption' ? 50 : 5000),
    },
    min: 1,
    doc: 'Operations that one call of an entity handles.',
  }),
  entityMessageReorderWindowInMinutes: integer({
    path: 'entityMessageReorderWindowInMinutes',
    default: 30,
    min: 0,
    doc: 'How long an entity remembers messages to drop duplicates and restore their order.',
  }),
  maxOrchestrationActions: integer({
    path: 'maxOrchestrationActions',
    default: 100_000,
    min: 1,
    doc: 'Actions that one execution of an orchestrator may take.',
  }),
  overridableExistingInstanceStates: choice({
    path: 'overridableExistingInstanceStates',
    values: ['NonRunningStates', 'AnyState'],
    default: 'NonRunningStates',
    doc: 'Which instances a start with the same id may replace. With `AnyState` one that runs is terminated first.',
  }),
  storeInputsInOrchestrationHistory: flag({
    path: 'storeInputsInOrchestrationHistory',
    default: false,
    doc: 'Keep the inputs of activities and sub-orchestrations in the history.',
  }),
  localRpcEndpointEnabled: flag({
    path: 'localRpcEndpointEnabled',
    default: true,
    doc: 'Offer the management API without key on a loopback port, for the durable client of the SDK.',
  }),

  defaultVersion: optionalText({
    path: 'defaultVersion',
    doc: 'Version given to new instances; orchestrators read it as `context.df.version`.',
  }),
  versionMatchStrategy: choice({
    path: 'versionMatchStrategy',
    values: ['CurrentOrOlder', 'Strict', 'None'],
    default: 'CurrentOrOlder',
    doc: 'Which versions of instances this app runs, compared with `defaultVersion`.',
  }),
  versionFailureStrategy: choice({
    path: 'versionFailureStrategy',
    values: ['Reject', 'Fail'],
    default: 'Reject',
    doc: 'What happens to an instance of another version: left for another worker, or failed.',
  }),

  /** Ours. 0: off. */
  commitWindowMs: timeSpan({
    path: 'commitWindow',
    default: '00:00:00.100',
    min: '00:00:00',
    max: '00:00:10',
    doc: 'Ours: how long activities just scheduled may run here before the step is committed with their results; `00:00:00` turns it off.',
  }),
  /** Ours. 0: off. */
  sessionCacheMegabytes: integer({
    path: 'sessionCacheMegabytes',
    default: 64,
    min: 0,
    max: 4096,
    doc: 'Ours: memory for instances between their messages; with `0` every message reads the history of its instance.',
  }),
  /** Ours. */
  retention: {
    byStatus: {
      Completed: keepTime(
        'Completed',
        'Ours: how long completed instances are kept after their end, `7.00:00:00` or `never` for ever (docs/retention.md); for ever when not set.',
      ),
      Failed: keepTime('Failed', 'Ours: the same for failed instances.'),
      Terminated: keepTime('Terminated', 'Ours: the same for terminated instances.'),
      Canceled: keepTime('Canceled', 'Ours: the same for canceled instances.'),
    },
    orchestrations: keepTimesByName({
      path: 'retention.orchestrations',
      doc: 'Ours: the same by the name of the orchestrator, before those by status: `{ "Import": { "Completed": "1.00:00:00" } }`.',
    }),
    purgesPerSecond: integer({
      path: 'retention.purgesPerSecond',
      default: 20,
      min: 1,
      max: 1000,
      doc: 'Ours: how many instances a second are purged at most when their time is over.',
    }),
  },
  /** Ours. */
  purgeIgnoresOpenStatuses: flag({
    path: 'purgeIgnoresOpenStatuses',
    default: false,
    doc: 'Ours: `true` takes statuses in a purge filter that are not final as not given, as the .NET extension does: a filter with no others purges all that is finished. Else it purges nothing.',
  }),
  /** Ours. */
  poisonMessageThreshold: integer({
    path: 'poisonMessageThreshold',
    default: 5,
    min: 1,
    max: 100,
    doc: 'Ours: how often a message that fails is tried before it is set aside, out of the way of the others (docs/poison.md).',
  }),
  /** Ours. */
  waitForOpenTimers: flag({
    path: 'waitForOpenTimers',
    default: true,
    doc: 'Ours: `false` completes an orchestration as soon as it returns, although timers are left that it did not cancel.',
  }),
  /** Ours. */
  orchestratorCodeChecks: choice({
    path: 'orchestratorCodeChecks',
    values: ['off', 'warn', 'error'],
    default: 'warn',
    doc: 'Ours: `warn`, `error` (the instance fails) or `off`, when an orchestrator calls what differs at each replay, as `Date.now()`, or returns a task in place of its result.',
  }),
  /** Ours. */
  metricsEndpoint: flag({
    path: 'metricsEndpoint',
    default: false,
    doc: 'Ours: `GET /metrics` answers with what the host counts and measures, for Prometheus.',
  }),
  /** Ours. */
  managementApi: choice({
    path: 'managementApi',
    values: ['on', 'readOnly', 'off'],
    default: 'on',
    doc: 'Ours: `readOnly` refuses to start or change anything over HTTP, `off` takes the management API away; the durable client of the app works as ever.',
  }),
  /** Ours. */
  otherHubs: choice({
    path: 'otherHubs',
    values: ['declared', 'any'],
    default: 'declared',
    doc: 'Ours: which task hubs beside its own a request may name (`taskHub`, `connection`): those that a durable client binding of the app names, or `any`, as with the .NET extension.',
  }),
  /** Ours. */
  otherApps: choice({
    path: 'otherApps',
    values: ['allow', 'warn', 'refuse'],
    default: 'warn',
    doc: 'Ours: what happens at the start where workers of another app are on the hub: nothing, a warning that names it, or the host does not start.',
  }),
  /** Ours. */
  wakeUpUrl: optionalHttpUrl({
    path: 'wakeUpUrl',
    doc: 'Ours: where workers on other machines reach the public port of this one, `http://10.0.0.7:7071`, to tell it of messages for it; those on this machine do so anyway.',
  }),
  dashboard: {
    /** Ours. */
    dangerousOperations: choice({
      path: 'dashboard.dangerousOperations',
      values: ['local', 'on', 'off'],
      default: 'local',
      doc: 'Ours: whether the dashboard offers what cannot be undone, to purge instances, to drop messages and to delete the hub: where no key is asked for (`local`), everywhere (`on`), or nowhere (`off`).',
    }),
  },
  signedLinks: {
    /** Ours. 0: links carry the key. */
    lifetimeMs: timeSpan({
      path: 'signedLinks.lifetime',
      default: '00:00:00',
      min: '00:00:00',
      max: '366.00:00:00',
      doc: 'Ours: where keys are required, links to an instance carry, in place of the key, a signature for that instance and operation that expires; `00:00:00` turns it off.',
    }),
  },

  /** Ours: inside the Azure Functions host. */
  managementFunction: {
    name: formedText({
      path: 'managementFunction.name',
      form: {
        expected: 'the name of a function: a letter, then letters, digits, dashes and underscores',
        pattern: /^[a-z][a-z0-9_-]{0,127}$/i,
      },
      default: 'DurableTaskManagement',
      doc: 'Ours, inside the Azure Functions host: name of the HTTP function that serves the management API there.',
    }),
    route: formedText({
      path: 'managementFunction.route',
      form: {
        expected: "a path without parameters, such as 'durabletask' or 'internal/tasks'",
        pattern: /^\/*(?!\.{1,2}(?:\/|$))[\w.~-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*\/*$/,
      },
      default: 'durabletask',
      doc: 'Ours, inside the Azure Functions host: where that function is, below the route prefix of the app.',
    }),
    authLevel: choice({
      path: 'managementFunction.authLevel',
      values: ['anonymous', 'function', 'admin'],
      default: 'anonymous',
      doc: "Ours, inside the Azure Functions host: `anonymous` leaves it to this package to ask for keys of its own, as it does everywhere but on a developer's machine; with `function` and `admin` the host asks for its keys, and nobody else.",
    }),
    key: optionalText({
      path: 'managementFunction.key',
      doc: 'Ours, inside the Azure Functions host: the key that links carry where the host asks for one, `%APP_SETTING%` allowed.',
    }),
  },
  /** Ours: inside the Azure Functions host. */
  warmUpSchedule: optionalText({
    path: 'warmUpSchedule',
    doc: 'Ours, inside the Azure Functions host: a timer function with this schedule (`0 */5 * * * *`) keeps an app awake on plans that let it sleep.',
  }),

  httpSettings: {
    defaultAsyncRequestSleepTimeMs: integer({
      path: 'httpSettings.defaultAsyncRequestSleepTimeMilliseconds',
      default: 30_000,
      min: 1,
      doc: 'Pause between two polls of a durable HTTP call whose answers name none.',
    }),
    useForwardedHost: flag({
      path: 'httpSettings.useForwardedHost',
      default: false,
      doc: 'Take the address of requests, and so that of links, from `X-Forwarded-Host` and `X-Forwarded-Proto`: for hosts that only a proxy can reach.',
    }),
  },

  tracing: {
    traceInputsAndOutputs: flag({
      path: 'tracing.traceInputsAndOutputs',
      v1Names: ['traceInputsAndOutputs'],
      default: false,
      ineffective: { instead: 'inputs and outputs are never logged', harmlessValue: false },
      doc: 'Log inputs and outputs of functions in full.',
    }),
    traceReplayEvents: flag({
      path: 'tracing.traceReplayEvents',
      v1Names: ['logReplayEvents'],
      default: false,
      ineffective: { instead: 'replays are not logged', harmlessValue: false },
      doc: 'Log what orchestrators do while they replay.',
    }),
    distributedTracingEnabled: flag({
      path: 'tracing.distributedTracingEnabled',
      default: false,
      ineffective: { instead: TRACES_FOLLOW_OPEN_TELEMETRY, harmlessValue: false },
      doc: 'Distributed tracing by Application Insights.',
    }),
    distributedTracingProtocol: choice({
      path: 'tracing.distributedTracingProtocol',
      values: ['HttpCorrelationProtocol', 'W3CTraceContext'],
      default: 'HttpCorrelationProtocol',
      ineffective: { instead: TRACES_FOLLOW_OPEN_TELEMETRY, harmlessValue: 'W3CTraceContext' },
      doc: 'Protocol of distributed tracing V1.',
    }),
    version: choice({
      path: 'tracing.version',
      values: ['V1', 'V2', 'None'],
      default: 'V1',
      ineffective: { instead: TRACES_FOLLOW_OPEN_TELEMETRY, harmlessValue: 'V2' },
      doc: 'Version of distributed tracing.',
    }),
    includeInstanceIdInOperationName: flag({
      path: 'tracing.includeInstanceIdInOperationName',
      default: false,
      ineffective: { instead: TRACES_FOLLOW_OPEN_TELEMETRY, harmlessValue: false },
      doc: 'Add the instance id to operation names in Application Insights.',
    }),
    allowVerboseLinuxTelemetry: flag({
      path: 'tracing.allowVerboseLinuxTelemetry',
      default: false,
      ineffective: 'unseen',
      doc: 'More platform telemetry on Linux.',
    }),
  },

  notifications: {
    eventGrid: {
      topicEndpoint: optionalText({
        path: 'notifications.eventGrid.topicEndpoint',
        v1Names: ['eventGridTopicEndpoint'],
        doc: 'URL of the Event Grid topic that is told when orchestrations start and end, `%APP_SETTING%` allowed.',
      }),
      keySettingName: optionalText({
        path: 'notifications.eventGrid.keySettingName',
        v1Names: ['eventGridKeySettingName'],
        doc: 'App setting with the key of the topic.',
      }),
      publishRetryCount: integer({
        path: 'notifications.eventGrid.publishRetryCount',
        v1Names: ['eventGridPublishRetryCount'],
        default: 0,
        min: 0,
        doc: 'Further tries to publish an event after the first one.',
      }),
      publishRetryIntervalMs: timeSpan({
        path: 'notifications.eventGrid.publishRetryInterval',
        v1Names: ['eventGridPublishRetryInterval'],
        default: '00:05:00',
        min: '00:00:00.001',
        max: '01:00:00',
        doc: 'Pause before such a try.',
      }),
      publishRetryHttpStatus: optionalIntegerList({
        path: 'notifications.eventGrid.publishRetryHttpStatus',
        v1Names: ['eventGridPublishRetryHttpStatus'],
        min: 100,
        max: 599,
        doc: 'HTTP statuses that are retried besides 503.',
      }),
      publishEventTypes: optionalTextList({
        path: 'notifications.eventGrid.publishEventTypes',
        v1Names: ['eventGridPublishEventTypes'],
        values: ['Started', 'Completed', 'Failed', 'Terminated'],
        doc: 'Events that are published; all when not set.',
      }),
    },
  },

  extendedSessionsEnabled: flag({
    path: 'extendedSessionsEnabled',
    default: false,
    ineffective: 'unseen',
    doc: 'Keep orchestrators in memory; .NET only.',
  }),
  extendedSessionIdleTimeoutInSeconds: integer({
    path: 'extendedSessionIdleTimeoutInSeconds',
    default: 30,
    min: 0,
    ineffective: 'unseen',
    doc: 'How long; .NET only.',
  }),
  useAppLease: flag({
    path: 'useAppLease',
    default: true,
    doc: 'Let only one app at a time work on the hub.',
  }),
  appLeaseOptions: {
    renewIntervalMs: timeSpan({
      path: 'appLeaseOptions.renewInterval',
      default: '00:00:25',
      min: '00:00:01',
      max: '24.00:00:00',
      doc: 'How often the app lease is renewed.',
    }),
    acquireIntervalMs: timeSpan({
      path: 'appLeaseOptions.acquireInterval',
      default: '00:05:00',
      min: '00:00:01',
      max: '24.00:00:00',
      doc: 'How often a waiting app tries to get it.',
    }),
    leaseIntervalMs: timeSpan({
      path: 'appLeaseOptions.leaseInterval',
      default: '00:01:00',
      min: '00:00:15',
      max: '00:01:00',
      doc: 'How long it lasts without renewal.',
    }),
  },
  useGracefulShutdown: flag({
    path: 'useGracefulShutdown',
    default: false,
    ineffective: 'unseen',
    doc: 'Let running functions finish when the host stops.',
  }),
  rollbackEntityOperationsOnExceptions: flag({
    path: 'rollbackEntityOperationsOnExceptions',
    default: true,
    doc: 'Undo what an entity operation set and signalled when it throws; `false` keeps it, as the .NET extension does for Node.',
  }),
  throwStatusExceptionsOnRaiseEvent: flag({
    path: 'throwStatusExceptionsOnRaiseEvent',
    default: true,
    ineffective: {
      instead: 'an event for an instance that is unknown or finished is always refused',
      harmlessValue: true,
    },
    doc: 'Refuse events for instances that are unknown or finished.',
  }),
  maxGrpcMessageSizeInBytes: integer({
    path: 'maxGrpcMessageSizeInBytes',
    default: 4_194_304,
    min: 1,
    ineffective: 'unseen',
    doc: 'Size limit of gRPC messages; .NET isolated and Java only.',
  }),
  grpcHttpClientTimeoutMs: timeSpan({
    path: 'grpcHttpClientTimeout',
    default: '00:01:40',
    min: '00:00:00.001',
    max: '24.00:00:00',
    ineffective: 'unseen',
    doc: 'Time limit of gRPC calls; .NET isolated and Java only.',
  }),
  notificationUrl: optionalHttpUrl({
    path: 'notificationUrl',
    doc: 'Where clients find the management API, `https://gateway.example/app/runtime/webhooks/durabletask`: the base of all links to it; when not set, the address of the request.',
  }),
  customLifeCycleNotificationHelperType: text({
    path: 'customLifeCycleNotificationHelperType',
    default: '',
    ineffective: { instead: 'lifecycle events go to Event Grid only (notifications.eventGrid)' },
    doc: '.NET class that gets lifecycle events; extension 1.x only.',
  }),
};

export interface SettingDescription {
  /** Path under `extensions.durableTask`. */
  readonly name: string;
  readonly default: string;
  readonly doc: string;
  readonly effective: boolean;
}

/** All of the above in that order, for the table in docs/settings.md. */
export const durableTaskSettingDescriptions: readonly SettingDescription[] = flatten(
  durableTaskSettings,
).map((setting: Setting<unknown>) => ({
  name: setting.path,
  default: setting.defaultText,
  doc: setting.doc,
  effective: setting.effective,
}));
