/** What is the same for every function that is made ready to run, wherever its code comes from. */
import { guardAgainstAsyncGenerators } from './async-generator-guard.ts';
import type { LoadedFunction } from '../function-declaration.ts';
import type { RunnableFunction } from './invoke.ts';
import type { FunctionCallback, ProgrammingModel } from '../programming-model.ts';

/** Of a programming model; the libraries tell themselves apart by their versions. */
export function modelKind({ version }: ProgrammingModel): LoadedFunction['model'] {
  return version.startsWith('3.') ? 'v3' : 'v4';
}

export function runnableOf(
  fn: LoadedFunction,
  callback: FunctionCallback,
  model: ProgrammingModel,
): RunnableFunction {
  const isGuarded = fn.kind === 'orchestrator' && fn.model === 'v3';
  return { fn, callback: isGuarded ? guardAgainstAsyncGenerators(callback) : callback, model };
}

/** @throws {Error} when the app has a function of that name already. */
export function refuseSecond(name: string, runnables: readonly RunnableFunction[]): void {
  const first = runnables.find(({ fn }) => fn.name.toLowerCase() === name.toLowerCase());
  if (first === undefined) return;
  throw new Error(
    `'${name}' is left out, since the app has '${first.fn.name}' too, and case does not count in the names of functions. Rename one of the two.`,
  );
}
