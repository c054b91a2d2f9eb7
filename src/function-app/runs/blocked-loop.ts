/**
 * Functions that compute without a pause keep everything else in this process waiting: other functions, HTTP requests, and what
 * renews the locks of messages. Node cannot break in; that it was so is said afterwards, and by whom, as far as that is known.
 */
// Not the global: user code may have replaced it, and uses of it inside orchestrators are watched.
import { clearInterval, setInterval } from 'node:timers';
import { eventLoopBlocked } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { type FunctionRunScope, RunWatch } from './function-run.ts';

const LOOK_EVERY_MS = 1_000;
const BLOCKED_MS = 5_000;
/** So many functions are named when it may have been any of them. */
const MAX_NAMED = 3;

/** @returns ends the watch. */
export function watchEventLoop(
  log: Logger,
  { lookEveryMs = LOOK_EVERY_MS, blockedFromMs = BLOCKED_MS } = {},
): () => void {
  const watch = new RunWatch();
  let lookedMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const blockedMs = nowMs - lookedMs - lookEveryMs;
    lookedMs = nowMs;
    const runs = watch.look();
    if (blockedMs < blockedFromMs) return;
    const blocker = runs.find(({ longestStepMs }) => longestStepMs > blockedMs / 2);
    eventLoopBlocked(log, {
      seconds: Math.round(blockedMs / 1000),
      functions: blocker ? nameOf(blocker) : namesOf(runs),
      isCertain: blocker !== undefined,
    });
  }, lookEveryMs).unref();
  return () => {
    clearInterval(timer);
    watch.stop();
  };
}

function namesOf(runs: readonly FunctionRunScope[]): string {
  const named = runs.slice(0, MAX_NAMED).map(nameOf);
  const more = runs.length > MAX_NAMED ? [`${runs.length - MAX_NAMED} more`] : [];
  return [...named, ...more].join(', ');
}

function nameOf({ functionName, invocationId }: FunctionRunScope): string {
  return `'${functionName}' (Id: '${invocationId}')`;
}
