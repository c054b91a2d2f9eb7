/**
 * Every URL that the product tells to anybody: the links in answers of the API, and the value of a durable client binding.
 * Mirrors HttpApiHandler.GetClientResponseLinks, GetInstanceCreationLinks and BindingHelper.DurableOrchestrationClientToString.
 */
import {
  type LinkOperation,
  signingPlaceholder,
  type SigningPlaceholder,
  unsigned,
} from './signing-placeholder.ts';

export interface ManagementUrlOptions {
  /** `/runtime/webhooks/durabletask`, or where else the API is mounted; without trailing slash. */
  readonly webhookPath: string;
  readonly taskHub: string;
  /** Name of the setting that holds the connection. @default 'Storage' */
  readonly connection?: string | undefined;
  /** System key of the extension. @default none: keys are off */
  readonly code?: string | undefined;
  /** What the query of a link to an instance has in place of `code`. @default links carry `code` */
  readonly sign?: ((target: LinkTarget) => string) | undefined;
}

/** The one thing that a signed link opens. */
export interface LinkTarget {
  readonly operation: LinkOperation;
  readonly taskHub: string;
  /** As the link says it. */
  readonly connection: string;
  readonly instanceId: string;
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
  /** `id` is what the SDKs replace by an instance id. */
  readonly managementUrls: InstanceUrls | (Omit<InstanceUrls, 'id'> & { id: SigningPlaceholder });
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
  const queryFor = (operation: LinkOperation): string =>
    joinQuery(
      hubQuery(options),
      options.sign?.({ ...hubOf(options), operation, instanceId }) ?? codeQuery(options),
    );
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${queryFor('getStatus')}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${queryFor('raiseEvent')}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${queryFor('terminate')}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${queryFor('rewind')}`,
    purgeHistoryDeleteUri: `${instance}?${queryFor('purge')}`,
    restartPostUri: `${instance}/restart?${queryFor('restart')}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${queryFor('suspend')}`,
    resumePostUri: `${instance}/resume?reason={text}&${queryFor('resume')}`,
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
 * The value of a durable client binding; hand it to the app as JSON text, or as it is when links are signed.
 * @param client.origin the public origin of the host.
 * @param client.rpcBaseUrl of the loopback listener, ending in `/`; undefined when there is none.
 * @param client.isOtherHub whether links that mean the host's own hub without a word have to name the hub. @default false
 */
export function durableClientInput(client: {
  readonly origin: string;
  readonly urls: ManagementUrlOptions;
  readonly rpcBaseUrl: string | undefined;
  readonly isOtherHub?: boolean;
}): DurableClientInput {
  const { origin, urls, rpcBaseUrl, isOtherHub = false } = client;
  const baseUrl = `${origin}${urls.webhookPath}`;
  const create = `${baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  const hub = isOtherHub ? hubQuery(urls) : '';
  const code = joinQuery(hub, codeQuery(urls));
  const wait = 'timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}';
  return {
    taskHubName: urls.taskHub,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: code === '' ? create : `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?${joinQuery(wait, code)}`,
    },
    managementUrls: templateUrls(origin, urls),
    baseUrl,
    // Without the loopback listener the SDKs refuse entity calls when this is empty.
    requiredQueryStringParameters: code === '' && !rpcBaseUrl ? hubQuery(urls) : code,
    rpcBaseUrl: rpcBaseUrl ?? null,
    httpBaseUrl: null,
  };
}

function templateUrls(
  origin: string,
  options: ManagementUrlOptions,
): DurableClientInput['managementUrls'] {
  const { sign } = options;
  if (sign === undefined) return instanceUrls(origin, options, ID_PLACEHOLDER);
  return {
    ...instanceUrls(
      origin,
      { ...options, sign: ({ operation }) => unsigned(operation) },
      ID_PLACEHOLDER,
    ),
    id: signingPlaceholder(ID_PLACEHOLDER, (operation, instanceId) =>
      sign({ ...hubOf(options), operation, instanceId }),
    ),
  };
}

export function hubOf({
  taskHub,
  connection = 'Storage',
}: ManagementUrlOptions): Pick<LinkTarget, 'taskHub' | 'connection'> {
  return { taskHub, connection };
}

function hubQuery(options: ManagementUrlOptions): string {
  const { taskHub, connection } = hubOf(options);
  return `taskHub=${encodeURIComponent(taskHub)}&connection=${encodeURIComponent(connection)}`;
}

function codeQuery({ code }: ManagementUrlOptions): string {
  return code === undefined ? '' : `code=${encodeURIComponent(code)}`;
}

function joinQuery(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('&');
}
