/** `callSubOrchestrator`: one id, one child instance, one answer. Mirrors the checks of DurableOrchestrationContext.CallDurableTaskFunctionAsync. */
import { DurableTask } from './durable-task.ts';
import { ReplayFailure } from './replay-failure.ts';
import type { ReplayScope } from './scope.ts';

export function startSubOrchestration(
  scope: ReplayScope,
  call: {
    readonly functionName: string;
    readonly instanceId: string | null;
    readonly input: unknown;
    readonly version: string | null;
  },
): DurableTask {
  scope.checkFunction('orchestrator', call.functionName);
  const chosenId = call.instanceId ?? '';
  if (chosenId.startsWith('@')) {
    throw new ReplayFailure('Orchestration instance ids must not start with @.');
  }
  const problem = scope.limits.idProblem(chosenId);
  if (problem !== undefined) {
    throw new ReplayFailure(
      `The instance ID '${chosenId.slice(0, 40)}…' of a sub-orchestration ${problem}.`,
    );
  }
  for (const taken of [scope.instanceId, scope.parentInstanceId]) {
    if (chosenId !== '' && chosenId.toLowerCase() === taken?.toLowerCase()) {
      throw new ReplayFailure(
        'The instance ID of a sub-orchestration must be different than the instance ID of a parent orchestration.',
      );
    }
  }
  const task = new DurableTask();
  const id = scope.schedule({
    kind: 'subOrchestration',
    name: call.functionName,
    version: call.version ?? scope.defaultVersion,
    instanceId: chosenId,
    input: call.input === undefined ? null : JSON.stringify(call.input),
  });
  scope.awaitCompletion(id, (event) => {
    task.settle(event.EventType === 'SubOrchestrationInstanceCompleted' ? 'succeeded' : 'failed');
  });
  return task;
}

/** The id of a child that was given none. Monitors find parents by the `:digits` at its end. */
export function defaultChildId(executionId: string, eventId: number): string {
  return `${executionId}:${eventId}`;
}
