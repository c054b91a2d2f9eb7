/** What every operation of the management API gets and gives, so that each is one function that knows no web framework. */
import type { W3cTrace } from '../../base/w3c-trace.ts';
import type { InstanceReplayer } from '../../engine/examine/instance-replayer.ts';
import type { RunningFunctions } from '../../engine/running-functions.ts';
import type { TaskHubClient } from '../../engine/task-hub-client.ts';
import type { InstanceLog } from '../../telemetry/instance-log.ts';
import type { InstanceUrls } from './management-urls.ts';
import type { Query } from './query.ts';

export interface OperationCall {
  /** As the client sent it. */
  readonly url: URL;
  readonly query: Query;
  /** The hub that the request is about. */
  readonly client: TaskHubClient;
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignal;
  /** Whether a status repeats `historyEvents` as `history`. */
  readonly repeatsHistory: boolean;
  /** Whether an answer reaches the client piece by piece: otherwise as a whole, when it has ended. */
  readonly streams: boolean;
  /** The decoded value of a segment of the route; empty when the route has no such segment. */
  segment(name: string): string;
  header(name: string): string | undefined;
  /** Where the request stands in its trace, as its headers say. */
  readonly trace: W3cTrace | undefined;
  body(): Promise<string>;
  /** @throws {InvalidInputError} unless the app has such an entity. */
  checkEntity(entityName: string): void;
  /** @throws {OrchestratorDisabledError} when the app has such an orchestrator, and it is disabled. */
  checkOrchestrator(functionName: string): void;
  /** Runs today's code over stored histories; undefined for a hub that the app of this host does not run. */
  readonly replayer: InstanceReplayer | undefined;
  /** What this process has logged about instances; undefined for a hub that it does not work on. */
  readonly instanceLog: InstanceLog | undefined;
  /** What this process executes at the moment; undefined for a hub that it does not work on. */
  readonly runningFunctions: RunningFunctions | undefined;
  /** Whether the hub may be deleted by this way. */
  readonly mayDeleteHub: boolean;
  /** Links to an instance, as seen from outside. */
  links(instanceId: string): InstanceUrls;
}

export type Operation = (call: OperationCall) => Promise<Response>;

/** Whether the content type of the request is `application/json`, with or without parameters. */
export function isJsonContent(call: OperationCall): boolean {
  const mediaType = call.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  return mediaType === 'application/json';
}
