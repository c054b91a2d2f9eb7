/**
 * The id of a request that an orchestration or an entity sends to an entity: the same whenever the same step is run again, and another one
 * when the step has come to ask for something else. Requests leave before the history that holds them is stored. If that fails,
 * the step runs again and sends them again; by the id the entity knows what it has done already. The .NET extension takes the
 * ids from a clock, and does it twice.
 */
import { toGuid } from '../../base/guid.ts';
import { stableId } from '../stable-id.ts';

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

/** A GUID of version 8, which nothing else here makes. */
export function stableRequestId(origin: RequestOrigin): string {
  const { cause, index, target, operation, input } = origin;
  const start = input?.slice(0, INPUT_LENGTH) ?? null;
  const id = stableId(cause, index, target, operation, input?.length ?? null, start);
  return toGuid(`${id.slice(0, 12)}8${id.slice(13, 16)}8${id.slice(17)}`);
}

export function isStableRequestId(id: string): boolean {
  return /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/i.test(id);
}
