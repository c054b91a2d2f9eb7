/** A backend one of whose writes fails: before it happens, or after it did, which storage does as well. */
import type { TaskHubBackend } from '../../src/engine/backend.ts';

export type Fault = 'before' | 'after';

/** @param at.write which of the calls of `methods` fails, from 1. */
export function failAt(
  backend: TaskHubBackend,
  methods: readonly (keyof TaskHubBackend)[],
  at: { readonly write: number; readonly fault: Fault },
): TaskHubBackend {
  let writes = 0;
  return new Proxy(backend, {
    get: (target, name: keyof TaskHubBackend) => {
      const method = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (!methods.includes(name)) return method;
      return async (...args: unknown[]) => {
        const isFailing = ++writes === at.write;
        if (isFailing && at.fault === 'before') throw new Error('The test lets this write fail.');
        const result = await method(...args);
        if (isFailing) throw new Error('The test lets this write fail.');
        return result;
      };
    },
  });
}
