/** What the looks at a hub are told, and what each of them tells: one thing that is wrong, and how it is mended. */
import type { Versioning } from '../../core/versioning.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Ambient } from '../ambient.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import type { InstanceReplayer } from './instance-replayer.ts';

export type FindingKind =
  | 'nobodyWorks'
  | 'unownedPartition'
  | 'poison'
  | 'otherVersion'
  | 'neverStarted'
  | 'wrongRow'
  | 'unreadableHistory'
  | 'lateTimer'
  | 'untoldEnd'
  | 'lostChild'
  | 'strayHistory'
  | 'strayPayloads'
  | 'messageOfNobody'
  | 'cannotContinue'
  | 'notLookedAt';

export interface Finding {
  readonly kind: FindingKind;
  /** null where it is about the hub. */
  readonly instanceId: string | null;
  /** What is wrong, and what to do where it cannot be mended here. */
  readonly problem: string;
  /** Mends it; undefined where it cannot be mended here. May be called when it is right meanwhile. */
  readonly repair: (() => Promise<void>) | undefined;
}

export interface ExamineOptions {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** What changed later than that is left alone, in ms. */
  readonly quietMs: number;
  /** Which versions of instances the app runs. @default all */
  readonly versioning?: Versioning | undefined;
  /** See `unownedPartitions`. */
  readonly relookMs?: number | undefined;
  /** Has histories of open instances replayed with today's code. @default they are not */
  readonly replays?: ExamineReplaysOptions | undefined;
}

export interface ExamineReplaysOptions {
  readonly replayer: Pick<InstanceReplayer, 'replayOf'>;
  /** No more instances are replayed than that. @default 1000 */
  readonly maxInstances?: number;
  /** No replay begins later than that, in ms. @default 120000 */
  readonly maxMs?: number;
}
