/**
 * The checks that an app has a function, and that it runs, with the extension's text. Mirrors
 * DurableTaskExtension.ThrowIfFunctionDoesNotExist and ThrowIfOrchestratorFunctionIsDisabled. What is disabled may be asked for all the same: then it fails by itself, where
 * whoever asked can catch it.
 */
import { OrchestratorDisabledError } from '../core/errors.ts';
import { ReplayFailure } from '../core/replay/replay-failure.ts';
import type { FunctionDirectory, FunctionNames } from './function-invoker.ts';

export type FunctionKind = 'orchestrator' | 'activity' | 'entity';

const KNOWN = {
  orchestrator: 'orchestrators',
  activity: 'activities',
  entity: 'entities',
} as const satisfies Record<FunctionKind, keyof FunctionNames>;

/** @throws {ReplayFailure} naming the functions that there are, when this one is not among them. */
export function checkFunction(
  functions: FunctionDirectory,
  kind: FunctionKind,
  name: string,
): void {
  if (!hasFunction(functions, kind, name))
    throw new ReplayFailure(unavailable(functions, kind, name));
}

/** @throws {ReplayFailure} the same for one that does not run. */
export function checkRuns(functions: FunctionDirectory, kind: FunctionKind, name: string): void {
  checkFunction(functions, kind, name);
  if (isDisabled(functions, kind, name)) {
    throw new ReplayFailure(unavailable(functions, kind, name));
  }
}

export function isDisabled(
  { disabled }: FunctionDirectory,
  kind: FunctionKind,
  name: string,
): boolean {
  return disabled !== undefined && hasFunction(disabled, kind, name);
}

/**
 * Mirrors the check of DurableClient.StartNewAsync. An orchestrator that the app does not have is started, and fails.
 * @throws {OrchestratorDisabledError}
 */
export function checkMayStart(functions: FunctionDirectory, name: string): void {
  if (!isDisabled(functions, 'orchestrator', name)) return;
  throw new OrchestratorDisabledError(unavailable(functions, 'orchestrator', name));
}

/** Names the functions that there are, those that are disabled among them. */
function unavailable(functions: FunctionDirectory, kind: FunctionKind, name: string): string {
  const known = functions[KNOWN[kind]];
  const article =
    kind === 'orchestrator' ? 'an orchestrator' : kind === 'activity' ? 'an activity' : 'an entity';
  const list =
    known.length === 0
      ? `No ${kind} functions are currently registered!`
      : `The following are the known ${kind} functions: ${known.map((other) => `'${other}'`).join(', ')}.`;
  return `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Additional info: ${list}`;
}

/** Those that are disabled included. */
export function hasFunction(functions: FunctionNames, kind: FunctionKind, name: string): boolean {
  return functions[KNOWN[kind]].some((other) => other.toLowerCase() === name.toLowerCase());
}
