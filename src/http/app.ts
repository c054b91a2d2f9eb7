/**
 * The management API as an app that turns a Request into a Response and knows no sockets. The host mounts it twice: under the
 * public webhook path, and on the loopback RPC port under `/durabletask` for the SDK clients of the app.
 * Mirrors HttpApiHandler.HandleRequestAsync.
 */
import { Hono, type Context } from 'hono';
import { w3cTrace } from '../base/w3c-trace.ts';
import type { InstanceReplayer } from '../engine/examine/instance-replayer.ts';
import type { RunningFunctions } from '../engine/running-functions.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import type { InstanceLog } from '../telemetry/instance-log.ts';
import { errorText, levelOf, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { bodyText } from './body-text.ts';
import { canonicalPath } from './canonical-path.ts';
import { OPERATIONS, type MountedOperation } from './management/index.ts';
import type { ManagementAccess } from './management/management-access.ts';
import {
  hubOf,
  instanceUrls,
  type LinkTarget,
  type ManagementUrlOptions,
} from './management/management-urls.ts';
import type { OperationCall } from './management/operation.ts';
import { readQuery, type Query } from './management/query.ts';
import { isFault, problemResponse } from './problem.ts';
import { limitRequests } from './request-limits.ts';
import { emptyResponse, messageResponse } from './responses.ts';

/** What the query of a request says about the hub; absent means the host's own. */
interface HubSelector {
  readonly taskHub?: string;
  /** Name of the setting that holds the connection. */
  readonly connection?: string;
}

export interface ManagementAppOptions {
  /** What the paths of requests begin with, without trailing slash: `/runtime/webhooks/durabletask`. */
  readonly basePath: string;
  /** The client for a hub; undefined for a hub that this host does not serve, which answers 404. */
  readonly client: (
    hub: HubSelector,
  ) => TaskHubClient | undefined | Promise<TaskHubClient | undefined>;
  /** How links to this API look from outside. */
  readonly urls: ManagementUrlOptions;
  /** What links in answers begin with, such as `https://app.example`. @default the origin of the request */
  readonly publicOrigin?: string | undefined;
  /** Who may do what. @default everybody everything */
  readonly access?: ManagementAccess | undefined;
  /** Throws an InvalidInputError unless the app has such an entity. @default every name will do */
  readonly checkEntity?: (entityName: string, hub: HubSelector) => void;
  /** Throws an OrchestratorDisabledError when the app has the orchestrator, and it is disabled. @default none is */
  readonly checkOrchestrator?: (functionName: string, hub: HubSelector) => void;
  /** What runs the app's code over histories of the hub; undefined for a hub that the app does not run. @default for none */
  readonly replayer?: (hub: HubSelector) => InstanceReplayer | undefined;
  /** What this process has logged about instances of the hub; undefined for one that it does not work on. @default for none */
  readonly instanceLog?: (hub: HubSelector) => InstanceLog | undefined;
  /** What this process executes of the hub; undefined for one that it does not work on. @default for none */
  readonly runningFunctions?: (hub: HubSelector) => RunningFunctions | undefined;
  /** Whether the hub may be deleted by this way. @default false */
  readonly mayDeleteHub?: boolean;
  /** Whether a status repeats `historyEvents` as `history`, where SDK 3.x looks for it. @default false */
  readonly repeatsHistory?: boolean;
  /** Whether answers reach their clients piece by piece. @default true */
  readonly streams?: boolean;
  /** Larger bodies answer 413. @default 104857600 */
  readonly bodyLimitBytes?: number | undefined;
  readonly log: Logger;
}

const CATEGORY = 'Host.Triggers.DurableTask';

export function createManagementApp(options: ManagementAppOptions): Hono {
  const routes = [...new Set(OPERATIONS.map(({ path }) => path))];
  const app = new Hono({
    getPath: (request) => canonicalPath(new URL(request.url).pathname, options.basePath, routes),
  });
  limitRequests(app, options.bodyLimitBytes);
  for (const operation of OPERATIONS) {
    app.on([...operation.methods], operation.path, (context) =>
      perform(operation, context, options),
    );
  }
  app.notFound(async ({ req }) => {
    const refusal = await options.access?.refuse({
      request: req.raw,
      query: readQuery(new URL(req.url)),
      changes: false,
    });
    return refusal ?? emptyResponse(404);
  });
  app.onError((error, context) => failed(error, context, options.log));
  return app;
}

async function perform(
  operation: MountedOperation,
  context: Context,
  options: ManagementAppOptions,
): Promise<Response> {
  const url = new URL(context.req.url);
  const query = readQuery(url);
  const hub = readHub(query);
  const urls: ManagementUrlOptions = { ...options.urls, ...hub };
  const refusal = await options.access?.refuse({
    request: context.req.raw,
    query,
    changes: operation.methods.some((method) => method !== 'GET'),
    target: linkTarget(operation, context, urls),
  });
  if (refusal) return refusal;
  try {
    const client = await options.client(hub);
    if (!client) {
      const refused = unknownHub(hub, options.log);
      return operation.inUnknownHub?.(context.req.param('instanceId') ?? '') ?? refused;
    }
    const call: OperationCall = {
      url,
      query,
      client,
      signal: context.req.raw.signal,
      segment: (name) => context.req.param(name) ?? '',
      header: (name) => context.req.header(name),
      trace: w3cTrace(context.req.header('traceparent'), context.req.header('tracestate')),
      body: async () =>
        bodyText(await context.req.arrayBuffer(), context.req.header('content-type')),
      repeatsHistory: options.repeatsHistory ?? false,
      streams: options.streams ?? true,
      checkEntity: (name) => options.checkEntity?.(name, hub),
      checkOrchestrator: (name) => options.checkOrchestrator?.(name, hub),
      replayer: options.replayer?.(hub),
      instanceLog: options.instanceLog?.(hub),
      runningFunctions: options.runningFunctions?.(hub),
      mayDeleteHub: options.mayDeleteHub ?? false,
      links: (instanceId) => instanceUrls(options.publicOrigin ?? url.origin, urls, instanceId),
    };
    return await operation.run(call);
  } catch (error) {
    return failed(error, context, options.log);
  }
}

/** Undefined for an operation that no link is made for. */
function linkTarget(
  { link }: MountedOperation,
  { req }: Context,
  urls: ManagementUrlOptions,
): LinkTarget | undefined {
  const instanceId = req.param('instanceId');
  if (link === undefined || instanceId === undefined) return undefined;
  return { ...hubOf(urls), operation: link, instanceId };
}

function readHub(query: Query): HubSelector {
  const taskHub = query.text('taskHub');
  const connection = query.text('connection');
  return { ...(taskHub && { taskHub }), ...(connection && { connection }) };
}

/** To the log too: SDKs make little of the answer. They are led to hubs of bindings alone, which are served. */
function unknownHub({ taskHub, connection }: HubSelector, log: Logger): Response {
  const names = [taskHub && `task hub '${taskHub}'`, connection && `connection '${connection}'`];
  const asked = names.filter(Boolean).join(' with ');
  const served = `this host serves its own hub, and those that a durable client binding of the app names (taskHub, connectionName). To serve any, set "otherHubs": "any" under extensions.durableTask of host.json.`;
  text(log, 'warning', CATEGORY, `A request was refused for ${asked}: ${served}`);
  return messageResponse(404, `Unknown ${asked}: ${served}`);
}

/** The query is left out of the log: it carries keys. */
function failed(error: unknown, { req }: Context, log: Logger): Response {
  const { signal } = req.raw;
  // The client hung up while the answer was waited for: nobody reads this one.
  if (signal.aborted && error === signal.reason) return emptyResponse(499);
  if (isFault(error)) {
    const message = `${req.method} ${req.path} failed: ${errorText(error)}`;
    text(log, levelOf(error, 'error'), CATEGORY, message, error);
  }
  return problemResponse(error);
}
