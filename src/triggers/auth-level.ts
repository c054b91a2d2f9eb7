/** `authLevel` of HTTP triggers. Read and checked here; a host that runs without keys opens every level. */
export type AuthLevel = 'anonymous' | 'function' | 'admin' | 'system' | 'user';

const AUTH_LEVELS: readonly AuthLevel[] = ['anonymous', 'function', 'admin', 'system', 'user'];

/** @default `function` when the binding says nothing. Undefined if it says something else than a level. */
export function parseAuthLevel(value: unknown): AuthLevel | undefined {
  if (value === undefined || value === null) return 'function';
  if (typeof value !== 'string') return undefined;
  return AUTH_LEVELS.find((level) => level === value.toLowerCase());
}
