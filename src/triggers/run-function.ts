/**
 * The bookkeeping around one run of a function: an invocation id, and the lines `Executing …` and `Executed …` that people
 * search their logs for. HTTP, timer and manual runs all go through here. Mirrors FunctionExecutor.TryExecuteAsync of the WebJobs SDK.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { errorText } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type {
  FunctionApp,
  InvocationRequest,
  InvocationResult,
} from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';

export interface RunReason {
  /** `Timer fired at 2026-11-21T03:25:00.0000000+00:00` */
  readonly text: string;
  /** Logged on a line of its own: `Trigger Details: UnscheduledInvocationReason: IsPastDue`. */
  readonly details?: Readonly<Record<string, string>>;
}

/** Why HTTP and admin runs say they happen. */
export const CALLED_BY_HOST_API: RunReason = {
  text: 'This function was programmatically called via the host APIs.',
};

/**
 * Runs the function and logs it. Never rejects: an error outside of the user's code (a binding that cannot be written, a
 * function that is not loaded) is a failed outcome too.
 */
export async function runFunction(
  app: Pick<FunctionApp, 'invoke'>,
  fn: LoadedFunction,
  request: InvocationRequest,
  reason: RunReason,
  log: Logger,
): Promise<InvocationResult> {
  const invocationId = request.invocationId ?? randomUUID();
  const run: Run = { log, functionName: fn.name, invocationId };
  writeExecuting(run, reason);
  const startedAt = performance.now();
  const outcome = await outcomeOf(() => app.invoke(fn, { ...request, invocationId }));
  writeExecuted(run, outcome, Math.round(performance.now() - startedAt));
  return outcome;
}

interface Run {
  readonly log: Logger;
  readonly functionName: string;
  readonly invocationId: string;
}

async function outcomeOf(invoke: () => Promise<InvocationResult>): Promise<InvocationResult> {
  try {
    return await invoke();
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    return { kind: 'failed', message: errorText(error), stack, error };
  }
}

function writeExecuting({ log, functionName, invocationId }: Run, reason: RunReason): void {
  const line = `Executing 'Functions.${functionName}' (Reason='${reason.text}', Id=${invocationId})`;
  log.write({ ...recordOf(functionName, invocationId), eventId: 1, message: line });
  const details = Object.entries(reason.details ?? {}).map(([name, value]) => `${name}: ${value}`);
  if (details.length === 0) return;
  const message = `Trigger Details: ${details.join(', ')}`;
  log.write({ ...recordOf(functionName, invocationId), eventId: 4, message });
}

function writeExecuted(
  { log, functionName, invocationId }: Run,
  outcome: InvocationResult,
  durationMs: number,
): void {
  const result = outcome.kind === 'succeeded' ? 'Succeeded' : 'Failed';
  const line = `Executed 'Functions.${functionName}' (${result}, Id=${invocationId}, Duration=${durationMs}ms)`;
  const record = recordOf(functionName, invocationId, durationMs);
  if (outcome.kind === 'succeeded') {
    log.write({ ...record, eventId: 2, message: line });
    return;
  }
  const failure = [
    `System.Private.CoreLib: Exception while executing function: Functions.${functionName}. System.Private.CoreLib: Result: Failure`,
    `Exception: ${outcome.message}`,
    `Stack: ${outcome.stack}`,
  ];
  log.write({
    ...record,
    level: 'error',
    eventId: 3,
    message: [line, ...failure].join('\n'),
    error: outcome.error,
  });
}

function recordOf(functionName: string, invocationId: string, latencyMs?: number) {
  return {
    level: 'information',
    category: `Function.${functionName}`,
    fields: { functionName, invocationId, latencyMs },
  } as const;
}
