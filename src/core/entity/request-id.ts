/**
 * How a request to an entity is known.
 *
 * Its id is the one that the .NET extension gives it, made of the orchestrator's clock and a count: an orchestration that waits for
 * the answer here can go on there, where a replay computes the id again and does not look at history.
 *
 * Its step id is ours, and the same whenever the same step is run again; another one when the step has come to ask for something
 * else. Requests leave before the history that holds them is stored. If that fails, the step runs again, at another time, and
 * sends them again; by the step id the entity knows what it has done already, and the orchestration knows an answer to the first
 * try as its own. The .NET extension passes it over, and does everything twice.
 */
import { guidOfName, toGuid } from '../../base/guid.ts';
import { stableId } from '../stable-id.ts';
import { formatTicks, parseTicks } from './tick-time.ts';

const NAMESPACE = '9e952959-5e33-4daf-827f-2fa12937b875';

/**
 * The id of a request, as the .NET extension makes it. Mirrors DurableOrchestrationContext.NewGuid.
 * @param clock ISO 8601, UTC: the OrchestratorStarted of the episode.
 * @param count how many ids the execution has had before.
 */
export function requestIdAt(instanceId: string, clock: string, count: number): string {
  const time = formatTicks(parseTicks(clock));
  return guidOfName(NAMESPACE, `${instanceId}_${time}_${count}`);
}

export interface RequestOrigin {
  /** What asks: the execution of an orchestration, or the request that an entity's operation answers. */
  readonly cause: string;
  /** Tells the requests of one cause apart: the id of the event that records it, or its place among them. */
  readonly index: number;
  /** Instance id of the entity. */
  readonly target: string;
  readonly operation: string;
  /** JSON text. */
  readonly input: string | null;
}

/** Of long inputs, as much as tells one from another. */
const INPUT_LENGTH = 10_000;

/** A step id: a GUID of version 8, which nothing else here makes. What entities send has it as its id. */
export function stepIdOf(origin: RequestOrigin): string {
  const { cause, index, target, operation, input } = origin;
  const start = input?.slice(0, INPUT_LENGTH) ?? null;
  const id = stableId(cause, index, target, operation, input?.length ?? null, start);
  return toGuid(`${id.slice(0, 12)}8${id.slice(13, 16)}8${id.slice(17)}`);
}

export function isStepId(id: string): boolean {
  return /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/i.test(id);
}

/** What a request, or the release of a lock, is known by: it stays the same when its step is run again, if its sender can tell. */
export function lastingId({
  id,
  stepId,
}: {
  readonly id: string;
  readonly stepId?: string;
}): string {
  return stepId ?? id;
}
