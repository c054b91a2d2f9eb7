/**
 * How our own routes read a query: a value that cannot be understood is refused, and the answer says which, where and what would do.
 * The routes of .NET take it for absent, as recorded: see `query.ts`.
 */
import { InvalidInputError } from '../../core/errors.ts';
import type { Query } from './query.ts';

export interface CountRule {
  /** @default 1 */
  readonly min?: number;
  readonly max: number;
  /** What counts where the parameter is absent. */
  readonly otherwise: number;
}

/** Of an index, counted from 0. */
export const FIRST: CountRule = { min: 0, max: 0x7fffffff, otherwise: 0 };

/** A whole number. @throws {InvalidInputError} */
export function countIn(query: Query, name: string, rule: CountRule): number {
  const { min = 1, max, otherwise } = rule;
  const value = query.text(name)?.trim();
  if (value === undefined) return otherwise;
  const count = /^\d{1,15}$/.test(value) ? Number(value) : -1;
  if (count >= min && count <= max) return count;
  throw refused(value, name, `a whole number from ${min} to ${max}`);
}

/** @returns undefined where the parameter is absent. @throws {InvalidInputError} */
export function dateIn(query: Query, name: string): Date | undefined {
  const value = query.text(name);
  if (value === undefined) return undefined;
  const date = query.date(name);
  if (date !== undefined) return date;
  throw refused(value, name, 'a time in ISO 8601, such as 2026-01-31T00:00:00Z');
}

/** Seconds, fractions allowed, as milliseconds; undefined where the parameter is absent. @throws {InvalidInputError} */
export function secondsIn(query: Query, name: string): number | undefined {
  const value = query.text(name);
  if (value === undefined) return undefined;
  const ms = query.durationMs(name);
  if (ms !== undefined) return ms;
  throw refused(value, name, 'seconds, such as 90 or 0.5');
}

function refused(value: string, name: string, wanted: string): InvalidInputError {
  return new InvalidInputError(`'${value}' is no value for '${name}'. Give ${wanted}.`);
}
