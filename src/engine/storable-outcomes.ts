/**
 * Functions whose outcomes can be stored: a result, a state or a failure that is too long for the storage of the hub becomes a
 * failure that says so, which whoever called can catch. What orchestrators give is judged where it is decided on (`core/decide.ts`).
 */
import type { BackendLimits } from '../core/backend-limits.ts';
import { failureText, payloadProblem } from '../core/payload-size.ts';
import type {
  ActivityInvocation,
  ActivityOutcome,
  EntityInvocation,
  EntityOutcome,
  FunctionInvoker,
} from './function-invoker.ts';

export function withStorableOutcomes(
  invoker: FunctionInvoker,
  limits: BackendLimits,
): FunctionInvoker {
  return {
    get functions() {
      return invoker.functions;
    },
    openOrchestration: (invocation) => invoker.openOrchestration(invocation),
    runActivity: async (invocation) =>
      storableActivity(await invoker.runActivity(invocation), invocation, limits),
    runEntity: async (invocation) =>
      storableEntity(await invoker.runEntity(invocation), invocation, limits),
  };
}

function storableActivity(
  outcome: ActivityOutcome,
  { functionName }: ActivityInvocation,
  limits: BackendLimits,
): ActivityOutcome {
  if (outcome.kind === 'completed') {
    const what = (): string => `The result of activity function '${functionName}'`;
    const problem = payloadProblem(limits, outcome.result, what);
    return problem === undefined ? outcome : failed(functionName, problem);
  }
  const { reason, details, failureDetails } = outcome;
  const all = [reason, details, JSON.stringify(failureDetails)];
  if (all.every((text) => failureText(limits, text) === text)) return outcome;
  const told = failureText(limits, reason);
  return { ...outcome, reason: told, details: detailsOf(told), failureDetails: null };
}

function failed(functionName: string, problem: string): ActivityOutcome {
  return {
    kind: 'failed',
    reason: `Activity function '${functionName}' failed: ${problem}`,
    details: detailsOf(problem),
    failureDetails: null,
  };
}

function detailsOf(message: string): string {
  return JSON.stringify({ Message: message });
}

function storableEntity(
  outcome: EntityOutcome,
  { entityName, entityKey, operations }: EntityInvocation,
  limits: BackendLimits,
): EntityOutcome {
  if (outcome.kind === 'failed') {
    return { ...outcome, message: failureText(limits, outcome.message) };
  }
  const entity = `entity '${entityName}' with key '${entityKey}'`;
  const { state, results, signals } = outcome;
  const problem =
    payloadProblem(limits, state, () => `The state of ${entity}`) ??
    results
      .map(({ result }, index) =>
        payloadProblem(
          limits,
          result,
          () => `The result of operation '${operations[index]?.name ?? ''}' of ${entity}`,
        ),
      )
      .find((found) => found !== undefined) ??
    signals
      .map(({ operation, input }) =>
        payloadProblem(
          limits,
          input,
          () => `The input of the signal '${operation}' that ${entity} sends`,
        ),
      )
      .find((found) => found !== undefined);
  return problem === undefined
    ? outcome
    : { kind: 'failed', message: problem, mayPassOneByOne: true };
}
