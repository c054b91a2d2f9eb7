/**
 * Whether a host whose app could not be loaded as a whole leaves the task hub alone. Instances fail when their functions are
 * missing, and the functions of a file that somebody is about to mend are not missing for good.
 */
import type { FunctionDirectory } from '../../engine/function-invoker.ts';

export interface LoadedSoFar {
  /** What could not be loaded, by name. */
  readonly broken: readonly string[];
  /** What could not be loaded before the app was changed, and has been lived with; undefined for the first host. */
  readonly knownBroken: readonly string[] | undefined;
  readonly functions: FunctionDirectory;
}

export function hubWaits({ broken, knownBroken, functions }: LoadedSoFar): boolean {
  if (broken.length === 0) return false;
  const { orchestrators, activities, entities } = functions;
  const isNothingLeft = orchestrators.length + activities.length + entities.length === 0;
  return isNothingLeft || broken.some((name) => knownBroken?.includes(name) === false);
}
