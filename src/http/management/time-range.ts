/** The time that an answer is about: of the creation of instances, the last day unless something else is asked for. */
import { InvalidInputError } from '../../core/errors.ts';
import type { OperationCall } from './operation.ts';
import { dateIn } from './own-query.ts';

const DEFAULT_SPAN_MS = 24 * 3_600_000;

export interface Times {
  readonly fromMs: number;
  readonly toMs: number;
}

/** @throws {InvalidInputError} */
export function timesOf({ query }: OperationCall): Times {
  const toMs = dateIn(query, 'createdTimeTo')?.getTime() ?? Date.now();
  const fromMs = dateIn(query, 'createdTimeFrom')?.getTime() ?? toMs - DEFAULT_SPAN_MS;
  if (fromMs < toMs) return { fromMs, toMs };
  throw new InvalidInputError(
    `createdTimeFrom (${new Date(fromMs).toISOString()}) has to be before createdTimeTo (${new Date(toMs).toISOString()}).`,
  );
}

export function isoTimes({ fromMs, toMs }: Times) {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
