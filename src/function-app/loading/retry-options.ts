/** The retry policy of a function, from function.json (TimeSpan texts) or from a v4 registration (protocol durations). */
import type { FunctionRetryOptions } from '../function-declaration.ts';

/**
 * undefined when the function has none.
 * @throws {Error} for a policy that the Functions host would not accept.
 */
export function parseRetryOptions(raw: unknown): FunctionRetryOptions | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const retry = raw as Readonly<Record<string, unknown>>;
  const strategy = retry['retryStrategy'] ?? retry['strategy'];
  if (strategy !== 'fixedDelay' && strategy !== 'exponentialBackoff') {
    throw new Error(
      `The retry strategy '${String(strategy)}' is not known: use 'fixedDelay' or 'exponentialBackoff'.`,
    );
  }
  const maxRetryCount = Number(retry['maxRetryCount'] ?? NaN);
  if (!Number.isInteger(maxRetryCount) || maxRetryCount < -1) {
    throw new Error(
      `The retry option 'maxRetryCount' must be a whole number from -1 (for ever), not '${String(retry['maxRetryCount'])}'.`,
    );
  }
  return {
    strategy,
    maxRetryCount,
    delayIntervalMs: durationMs('delayInterval', retry['delayInterval']),
    minimumIntervalMs: durationMs('minimumInterval', retry['minimumInterval']),
    maximumIntervalMs: durationMs('maximumInterval', retry['maximumInterval']),
  };
}

function durationMs(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') {
    const { seconds = 0, nanos = 0 } = value as { seconds?: unknown; nanos?: unknown };
    return Number(seconds) * 1000 + Number(nanos) / 1_000_000;
  }
  const clock =
    typeof value === 'string' ? /^(?:(\d+)\.)?(\d+):(\d+):(\d+)(\.\d+)?$/.exec(value) : null;
  if (clock === null) {
    throw new Error(
      `The retry option '${name}' must be a time such as '00:00:10', not '${JSON.stringify(value)}'.`,
    );
  }
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock;
  const wholeMinutes = (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
  return (wholeMinutes * 60 + Number(seconds) + Number(`0${fraction}`)) * 1000;
}
