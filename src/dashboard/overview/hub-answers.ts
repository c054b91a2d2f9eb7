/** What GET /stats, /failures and /storage answer. */
import type { RuntimeStatus } from '../../core/instance-status.ts';

export type StatusCounts = Readonly<Partial<Record<RuntimeStatus, number>>>;

export interface Stats {
  readonly from: string;
  readonly to: string;
  readonly isComplete: boolean;
  readonly byStatus: StatusCounts;
  readonly byName: readonly {
    readonly name: string;
    readonly byStatus: StatusCounts;
    readonly p50Ms: number | null;
    readonly p95Ms: number | null;
  }[];
  readonly parts: readonly { readonly from: string; readonly byStatus: StatusCounts }[];
}

export interface FailureGroup {
  readonly signature: string;
  readonly name: string;
  readonly count: number;
  readonly message: string;
  readonly place: string | null;
  /** In equal parts of the time. */
  readonly counts: readonly number[];
  readonly firstTime: string;
  readonly lastTime: string;
  readonly instanceIds: readonly string[];
}

export interface Failures {
  readonly isComplete: boolean;
  readonly groups: readonly FailureGroup[];
}

/** As far as GET /calls tells of waits. */
export interface Waits {
  readonly instancesSeen: number;
  readonly orchestrators: readonly {
    readonly name: string;
    readonly waitP50Ms: number | null;
    readonly waitP95Ms: number | null;
  }[];
}

export interface Queue {
  readonly name: string;
  readonly waiting: number;
  readonly hidden: number;
  readonly oldestWaitingMs: number | null;
}

export interface Storage {
  readonly controlQueues: readonly Queue[];
  readonly workItems: Queue;
  readonly processes: number;
  readonly workers: readonly {
    readonly owner: string;
    readonly partition: string;
    readonly until: string | null;
    readonly app: string | null;
  }[];
}

export function sumOf(counts: StatusCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
