/** The status of an instance as clients see it: the Instances row, in our words. */
import type { OrchestrationStatus, Tags } from './history-event.ts';
import type { InstanceId } from './ids.ts';

/** `Unknown`: the row says something that no engine writes. Mirrors OrchestrationRuntimeStatus. */
export type RuntimeStatus = OrchestrationStatus | 'Unknown';

/** What a row should say. */
export const RUNTIME_STATUSES: readonly OrchestrationStatus[] = [
  'Running',
  'Completed',
  'ContinuedAsNew',
  'Failed',
  'Canceled',
  'Terminated',
  'Pending',
  'Suspended',
];

const TERMINAL: ReadonlySet<RuntimeStatus> = new Set<RuntimeStatus>([
  'Completed',
  'Failed',
  'Canceled',
  'Terminated',
]);

export function isTerminal(status: RuntimeStatus): boolean {
  return TERMINAL.has(status);
}

/** One instance as read from the hub. Payloads are texts as stored (JSON, or plain text for reasons). */
export interface InstanceRecord {
  readonly instanceId: InstanceId;
  /** null in rows written by old clients. */
  readonly executionId: string | null;
  /** The instance that called this one as a sub-orchestration; null when there is none, and in rows of before extension 3.19. */
  readonly parentInstanceId: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly runtimeStatus: RuntimeStatus;
  /** null when absent or not asked for. */
  readonly input: string | null;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly completedTime: string | null;
  readonly scheduledStartTime: string | null;
  readonly generation: number | null;
  readonly tags: Tags | null;
  /** Concurrency token of the row; opaque to everybody but the backend that issued it. */
  readonly etag: string;
}

/**
 * What one commit changes in the Instances row. Absent fields keep their stored value.
 * Mirrors AzureTableTrackingStore.UpdateStateAsync.
 */
export interface InstancePatch {
  readonly executionId: string;
  readonly lastUpdatedTime: string;
  /** JSON text; null is stored as "no status". */
  readonly customStatus: string | null;
  readonly parentInstanceId?: string | null;
  readonly name?: string;
  readonly version?: string | null;
  readonly runtimeStatus?: RuntimeStatus;
  readonly input?: string | null;
  readonly output?: string | null;
  readonly createdTime?: string;
  readonly completedTime?: string;
  readonly scheduledStartTime?: string;
  readonly generation?: number;
  readonly tags?: Tags | null;
}

/** In characters. */
export function payloadsLength({
  input,
  output,
}: Pick<InstanceRecord, 'input' | 'output'>): number {
  return (input?.length ?? 0) + (output?.length ?? 0);
}
