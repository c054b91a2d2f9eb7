/** A backend one of whose writes fails: before it happens, or after it did, which storage does as well. */
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { overriding } from './overriding.ts';

export type Fault = 'before' | 'after';

/** @param at.write which of the calls of `methods` fails, from 1. */
export function failAt(
  backend: TaskHubBackend,
  methods: readonly Exclude<keyof TaskHubBackend, 'limits'>[],
  at: { readonly write: number; readonly fault: Fault },
): TaskHubBackend {
  let writes = 0;
  const own = methods.map((name) => {
    const method = backend[name].bind(backend) as (...args: unknown[]) => Promise<unknown>;
    const failing = async (...args: unknown[]): Promise<unknown> => {
      const isFailing = ++writes === at.write;
      if (isFailing && at.fault === 'before') throw new Error('The test lets this write fail.');
      const result = await method(...args);
      if (isFailing) throw new Error('The test lets this write fail.');
      return result;
    };
    return [name, failing];
  });
  return overriding(backend, Object.fromEntries(own) as Partial<TaskHubBackend>);
}
