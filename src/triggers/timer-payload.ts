/** The value of a timer trigger, as JSON in the names of the .NET TimerInfo; the function libraries camel-case them. */
import type { TimerSchedule } from './cron.ts';
import type { InvocationRequest } from '../function-app/function-app.ts';
import type { TimerStatus } from './timer-status.ts';
import { formatLocal } from './wall-clock.ts';

export interface TimerFiring {
  readonly schedule: TimerSchedule;
  /** Null when the timer keeps no status. */
  readonly status: TimerStatus | null;
  readonly isPastDue: boolean;
  /** Milliseconds since the epoch. */
  readonly firedAt: number;
}

export function timerRequest(firing: TimerFiring): InvocationRequest {
  const { schedule, status, isPastDue, firedAt } = firing;
  const payload = {
    Schedule: { AdjustForDST: schedule.kind === 'cron' },
    ScheduleStatus: status && {
      Last: status.Last,
      Next: status.Next,
      LastUpdated: status.LastUpdated,
    },
    IsPastDue: isPastDue,
  };
  return {
    triggerData: { json: JSON.stringify(payload) },
    triggerMetadata: {
      TimerTrigger: { string: invariantDate(formatLocal(schedule.clock, firedAt)) },
    },
  };
}

/** .NET's DateTime.ToString() in the invariant culture: `11/21/2026 03:25:00`. */
export function invariantDate(local: string): string {
  return `${local.slice(5, 7)}/${local.slice(8, 10)}/${local.slice(0, 4)} ${local.slice(11, 19)}`;
}
