/** The check that an app has a function, with the extension's text. Mirrors DurableTaskExtension.ThrowIfFunctionDoesNotExist. */
import { ReplayFailure } from '../core/replay/replay-failure.ts';
import type { FunctionDirectory } from './function-invoker.ts';

type FunctionKind = 'orchestrator' | 'activity' | 'entity';

const KNOWN = {
  orchestrator: 'orchestrators',
  activity: 'activities',
  entity: 'entities',
} as const satisfies Record<FunctionKind, keyof FunctionDirectory>;

/** @throws {ReplayFailure} naming the functions that there are. */
export function checkFunction(
  functions: FunctionDirectory,
  kind: FunctionKind,
  name: string,
): void {
  const known = functions[KNOWN[kind]];
  if (known.some((other) => other.toLowerCase() === name.toLowerCase())) return;
  const article =
    kind === 'orchestrator' ? 'an orchestrator' : kind === 'activity' ? 'an activity' : 'an entity';
  const list =
    known.length === 0
      ? `No ${kind} functions are currently registered!`
      : `The following are the known ${kind} functions: ${known.map((other) => `'${other}'`).join(', ')}.`;
  throw new ReplayFailure(
    `The function '${name}' doesn't exist, is disabled, or is not ${article} function. Additional info: ${list}`,
  );
}
