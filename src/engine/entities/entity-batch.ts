/**
 * One run of an entity's function for some of its operations, and what the log says of it. Together they cost one call; one by
 * one, each that fails can be undone alone, state and signals, as `rollbackEntityOperationsOnExceptions` has it: the SDKs
 * answer with the state after the whole batch, whatever its operations left behind when they threw. Mirrors what
 * TaskEntityShim does for .NET functions, and ExecuteOutOfProcBatch for the others.
 */
import type { BatchOutcome } from '../../core/entity/decide-entity.ts';
import { parseEntityId } from '../../core/entity/entity-id.ts';
import type { EntityRequest } from '../../core/entity/request-message.ts';
import type { SchedulerState } from '../../core/entity/scheduler-state.ts';
import type { InstanceId } from '../../core/ids.ts';
import type { W3cTrace } from '../../base/w3c-trace.ts';
import { ReplayFailure } from '../../core/replay/replay-failure.ts';
import {
  errorText,
  functionCompleted,
  functionFailed,
  functionStarting,
} from '../../telemetry/log-events.ts';
import type { HubMetrics } from '../../telemetry/hub-metrics.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { Ambient } from '../ambient.ts';
import { checkRuns } from '../function-directory.ts';
import { beginOperation } from './entity-spans.ts';
import type { EntityOutcome, FunctionInvoker } from '../function-invoker.ts';

export interface EntityBatchOptions {
  readonly invoker: FunctionInvoker;
  readonly log: Logger;
  readonly taskHub: string;
  readonly tracing: Tracing;
  readonly metrics: HubMetrics;
  readonly ambient: Pick<Ambient, 'now'>;
  /** Whether an operation that throws leaves nothing behind. */
  readonly undoesFailures: boolean;
}

export interface RanBatch {
  /** What follows from the operations that ran. */
  readonly outcome: BatchOutcome;
  /** How many ran: at least one, from the first. */
  readonly count: number;
  /** Those that were not run, as they have ended the process too often, and are to be set aside. */
  readonly refused: readonly RefusedOperation[];
}

export interface RefusedOperation {
  readonly request: EntityRequest;
  readonly reason: string;
}

type EntityData = Pick<SchedulerState, 'exists' | 'state'>;

interface Run {
  readonly entityName: string;
  readonly entityKey: string;
  readonly fields: {
    readonly taskHub: string;
    readonly instanceId: string;
    readonly functionName: string;
    readonly functionType: string;
  };
}

/** Characters of what the operations of a batch threw that the log shows. */
const CAUSES_LENGTH = 2000;

/** @param isOver asked between two operations: whether the rest is left for another turn. */
export async function runEntityBatch(
  options: EntityBatchOptions,
  instanceId: InstanceId,
  data: EntityData,
  batch: readonly EntityRequest[],
  isOver: () => boolean,
): Promise<RanBatch> {
  const { invoker, log, taskHub } = options;
  const { name, key } = parseEntityId(instanceId);
  const fields = { taskHub, instanceId, functionName: name, functionType: 'Entity' };
  try {
    checkRuns(invoker.functions, 'entity', name);
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error;
    functionFailed(log, { ...fields, reason: error.message });
    return { outcome: allFailed(data, batch, error.message), count: batch.length, refused: [] };
  }
  functionStarting(log, fields);
  const run = { entityName: name, entityKey: key, fields };
  const ran = options.undoesFailures
    ? await runOneByOne(options, run, data, batch, isOver)
    : await runTogether(options, run, data, batch);
  report(log, fields, batch.slice(0, ran.count), ran.outcome);
  for (const { isError } of ran.outcome.results) {
    options.metrics.entityOperation(name, isError ? 'failed' : 'completed');
  }
  return ran;
}

async function runTogether(
  options: EntityBatchOptions,
  run: Run,
  data: EntityData,
  batch: readonly EntityRequest[],
): Promise<RanBatch> {
  const outcome = await call(options, run, data, batch);
  if (outcome.kind === 'ran') return { outcome, count: batch.length, refused: [] };
  // Which of them was slow, or left too much, is not known, and nothing is applied. The others must not wait for another turn with it.
  if (outcome.mayPassOneByOne === true && batch.length > 1) {
    functionFailed(options.log, { ...run.fields, reason: outcome.message });
    return runOneByOne(options, run, data, batch, () => false);
  }
  return {
    outcome: allFailed(data, batch, outcome.message),
    count: batch.length,
    refused: batch.flatMap((request) => refusalOf(request, outcome)),
  };
}

function refusalOf(request: EntityRequest, outcome: EntityOutcome): RefusedOperation[] {
  if (outcome.kind === 'ran' || outcome.isRefused !== true) return [];
  return [{ request, reason: outcome.message }];
}

async function runOneByOne(
  options: EntityBatchOptions,
  run: Run,
  data: EntityData,
  batch: readonly EntityRequest[],
  isOver: () => boolean,
): Promise<RanBatch> {
  let { exists, state } = data;
  const results: BatchOutcome['results'][number][] = [];
  const traces: (W3cTrace | undefined)[] = [];
  const refused: RefusedOperation[] = [];
  const signals: BatchOutcome['signals'][number][] = [];
  for (const request of batch) {
    if (results.length > 0 && isOver()) break;
    const called = await call(options, run, { exists, state }, [request]);
    refused.push(...refusalOf(request, called));
    const outcome =
      called.kind === 'ran' ? called : allFailed({ exists, state }, [request], called.message);
    const result = outcome.results[0] ?? { isError: false, result: null };
    results.push(result);
    traces.push(called.traces?.[0]);
    if (result.isError && options.undoesFailures) continue;
    ({ exists, state } = outcome);
    const sentBy = results.length - 1;
    signals.push(...outcome.signals.map((signal) => ({ ...signal, sentBy })));
  }
  const outcome = { exists, state, results, signals, traces };
  return { outcome, count: results.length, refused };
}

/** The answer of the function, and the spans of the runs of its operations. */
type Called = EntityOutcome & Pick<BatchOutcome, 'traces'>;

/** Operations that run together have a span each; user code finds that of the first. */
async function call(
  options: EntityBatchOptions,
  run: Run,
  data: EntityData,
  batch: readonly EntityRequest[],
): Promise<Called> {
  const { tracing } = options;
  if (!tracing.isOn) return invoke(options, run, data, batch, undefined);
  const spans = batch.map((request) => beginOperation(tracing, run.fields.instanceId, request));
  const first = spans.find((span) => span !== undefined)?.run;
  const work = (): Promise<EntityOutcome> => invoke(options, run, data, batch, first?.trace);
  const end = (results: BatchOutcome['results']): void => {
    spans.forEach((span, index) => {
      span?.end(results[index] ?? { isError: false, result: null });
    });
  };
  try {
    const outcome = await (first ? first.run(work) : work());
    end(outcome.kind === 'ran' ? outcome.results : allFailed(data, batch, outcome.message).results);
    return { ...outcome, traces: spans.map((span) => span?.run.trace) };
  } catch (error) {
    end(allFailed(data, batch, errorText(error)).results);
    throw error;
  }
}

async function invoke(
  { invoker, metrics, ambient }: EntityBatchOptions,
  { entityName, entityKey }: Run,
  { exists, state }: EntityData,
  batch: readonly EntityRequest[],
  trace: W3cTrace | undefined,
): Promise<EntityOutcome> {
  const operations = batch.map(({ id, operation, input, isSignal }) => ({
    id,
    name: operation ?? '',
    input,
    isSignal,
  }));
  const startedMs = ambient.now();
  const outcome = await invoker.runEntity({
    entityName,
    entityKey,
    exists,
    state,
    operations,
    trace,
  });
  const result = outcome.kind === 'ran' ? 'completed' : 'failed';
  metrics.entityCall(entityName, result, (ambient.now() - startedMs) / 1000);
  return outcome;
}

function allFailed(
  { exists, state }: EntityData,
  batch: readonly EntityRequest[],
  reason: string,
): BatchOutcome {
  const result = { isError: true, result: JSON.stringify(reason) };
  return { exists, state, results: batch.map(() => result), signals: [] };
}

function report(
  log: Logger,
  fields: Run['fields'],
  batch: readonly EntityRequest[],
  { results }: BatchOutcome,
): void {
  const failed = batch.flatMap(({ operation }, index) => {
    const answer = results[index];
    return answer?.isError === true ? [{ operation: operation ?? '', thrown: answer.result }] : [];
  });
  if (failed.length === 0) functionCompleted(log, { ...fields, continuedAsNew: true });
  else functionFailed(log, { ...fields, reason: describeFailed(failed) });
}

interface FailedOperation {
  readonly operation: string;
  /** What it threw as JSON, as the SDK hands it over: `{}` for an Error, whose message and stack are no members of its JSON. */
  readonly thrown: string | null;
}

function describeFailed(failed: readonly FailedOperation[]): string {
  const causes = new Set(
    failed.map(({ operation, thrown }) => {
      const saysNothing = thrown === null || thrown === '{}';
      return saysNothing ? `'${operation}'` : `'${operation}': ${thrown}`;
    }),
  );
  const told = [...causes].join(', ').slice(0, CAUSES_LENGTH);
  return `${failed.length} of its operations failed (${told})`;
}
