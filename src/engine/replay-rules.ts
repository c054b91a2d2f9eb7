/** What a replay has to know of the configuration of a worker. */
import type { BackendLimits } from '../core/backend-limits.ts';
import type { ReplayRules } from '../core/orchestration-execution.ts';
import type { Versioning } from '../core/versioning.ts';

export interface ReplaySettings {
  /** @default 100000 */
  readonly maxOrchestrationActions?: number;
  /** Pause before a poll of callHttp that no Retry-After times. @default 30000 */
  readonly defaultHttpPauseMs?: number;
  /** Whether an orchestrator that has returned completes only when the timers fired that it did not cancel. @default true */
  readonly waitForOpenTimers?: boolean;
  /** Which versions of instances this worker runs. @default all */
  readonly versioning?: Versioning;
}

export function replayRules(
  settings: ReplaySettings,
  around: {
    readonly limits: BackendLimits;
    readonly checkFunction: ReplayRules['checkFunction'];
  },
): ReplayRules {
  return {
    ...around,
    maxActions: settings.maxOrchestrationActions ?? 100_000,
    defaultHttpPauseMs: settings.defaultHttpPauseMs ?? 30_000,
    waitsForTimers: settings.waitForOpenTimers ?? true,
    defaultVersion: settings.versioning?.appVersion ?? null,
  };
}
