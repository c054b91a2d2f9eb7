/**
 * Every URL that the product tells to anybody: the links in answers of the API, and the value of a durable client binding.
 * Mirrors HttpApiHandler.GetClientResponseLinks, GetInstanceCreationLinks and BindingHelper.DurableOrchestrationClientToString.
 */
export interface ManagementUrlOptions {
  /** `/runtime/webhooks/durabletask`, or where else the API is mounted; without trailing slash. */
  readonly webhookPath: string;
  readonly taskHub: string;
  /** Name of the setting that holds the connection. @default 'Storage' */
  readonly connection?: string | undefined;
  /** System key of the extension. @default none: keys are off */
  readonly code?: string | undefined;
}

/** In the order of the .NET payload; every value is a string, or no SDK accepts it. */
export interface InstanceUrls {
  readonly id: string;
  readonly statusQueryGetUri: string;
  readonly sendEventPostUri: string;
  readonly terminatePostUri: string;
  readonly rewindPostUri: string;
  readonly purgeHistoryDeleteUri: string;
  readonly restartPostUri: string;
  readonly suspendPostUri: string;
  readonly resumePostUri: string;
}

/** The value that a `durableClient` (or `orchestrationClient`) binding hands to the app. */
export interface DurableClientInput {
  readonly taskHubName: string;
  /** Only the gRPC protocol fills it. */
  readonly connectionName: null;
  readonly creationUrls: {
    readonly createNewInstancePostUri: string;
    readonly createAndWaitOnNewInstancePostUri: string;
  };
  readonly managementUrls: InstanceUrls;
  readonly baseUrl: string;
  readonly requiredQueryStringParameters: string;
  readonly rpcBaseUrl: string | null;
  /** Only the gRPC protocol fills it. */
  readonly httpBaseUrl: null;
}

/** What the SDKs replace by an instance id. */
const ID_PLACEHOLDER = 'INSTANCEID';

/** @param origin `http://localhost:7071`. */
export function instanceUrls(
  origin: string,
  options: ManagementUrlOptions,
  instanceId: string,
): InstanceUrls {
  const instance = `${origin}${options.webhookPath}/instances/${encodeURIComponent(instanceId)}`;
  const query = joinQuery(hubQuery(options), codeQuery(options));
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/** The body that answers a start: all links but `rewindPostUri`, as recorded. */
export type CheckStatusPayload = Omit<InstanceUrls, 'rewindPostUri'>;

export function checkStatusPayload(urls: InstanceUrls): CheckStatusPayload {
  return {
    id: urls.id,
    statusQueryGetUri: urls.statusQueryGetUri,
    sendEventPostUri: urls.sendEventPostUri,
    terminatePostUri: urls.terminatePostUri,
    purgeHistoryDeleteUri: urls.purgeHistoryDeleteUri,
    restartPostUri: urls.restartPostUri,
    suspendPostUri: urls.suspendPostUri,
    resumePostUri: urls.resumePostUri,
  };
}

/**
 * The value of a durable client binding; hand it to the app as JSON text.
 * @param client.origin the public origin of the host.
 * @param client.rpcBaseUrl of the loopback listener, ending in `/`; undefined when there is none.
 */
export function durableClientInput(client: {
  readonly origin: string;
  readonly urls: ManagementUrlOptions;
  readonly rpcBaseUrl: string | undefined;
}): DurableClientInput {
  const { origin, urls, rpcBaseUrl } = client;
  const baseUrl = `${origin}${urls.webhookPath}`;
  const create = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  const code = codeQuery(urls);
  const wait = 'timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}';
  return {
    taskHubName: urls.taskHub,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: code === '' ? create : `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?${joinQuery(wait, code)}`,
    },
    managementUrls: instanceUrls(origin, urls, ID_PLACEHOLDER),
    baseUrl,
    // Without the loopback listener the SDKs refuse entity calls when this is empty.
    requiredQueryStringParameters: code === '' && !rpcBaseUrl ? hubQuery(urls) : code,
    rpcBaseUrl: rpcBaseUrl ?? null,
    httpBaseUrl: null,
  };
}

function hubQuery({ taskHub, connection = 'Storage' }: ManagementUrlOptions): string {
  return `taskHub=${encodeURIComponent(taskHub)}&connection=${encodeURIComponent(connection)}`;
}

function codeQuery({ code }: ManagementUrlOptions): string {
  return code === undefined ? '' : `code=${encodeURIComponent(code)}`;
}

function joinQuery(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('&');
}
