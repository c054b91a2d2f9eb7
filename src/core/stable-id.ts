/**
 * Ids that are the same whenever the same step is run again: what a step sends leaves before history holds it, so when that
 * cannot be stored, the step runs again, and receivers must be able to tell that they have seen it all.
 */
import { fnv1a } from './partition-of.ts';
import { toExecutionId, type ExecutionId } from './ids.ts';

/** 32 hex digits that depend on the parts alone. Not a secret: who knows the parts knows the id. */
export function stableId(...parts: readonly (string | number | null)[]): string {
  const text = JSON.stringify(parts);
  return ['a', 'b', 'c', 'd']
    .map((salt) => fnv1a(`${salt}${text}`).toString(16).padStart(8, '0'))
    .join('');
}

/** The execution id of the generation that follows. */
export function nextExecutionId(executionId: ExecutionId): ExecutionId {
  return toExecutionId(stableId(executionId, 'continue as new'));
}
