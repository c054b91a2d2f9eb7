/**
 * `@azure/functions-core`, the module that exists only in the process of a Functions worker: one object for everybody in it. The
 * libraries read its members at each call, so who replaces one of them sees all registrations from then on.
 */
import { createRequire } from 'node:module';
import type { CoreApi } from '../function-app/loading/functions-core.ts';

export const CORE_MODULE = '@azure/functions-core';

/** undefined outside of a worker: in tests and scripts of the app, which register functions that nobody runs. */
export function findCoreModule(): CoreApi | undefined {
  try {
    return createRequire(import.meta.url)(CORE_MODULE) as CoreApi;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
