/**
 * What a hub keeps of instances that nobody can see: histories without a row, whose instances go on unseen, and large payloads
 * that nothing refers to. A row is written again from its history; nothing but such payloads is deleted.
 */
import { isEntityId } from '../../core/ids.ts';
import { OrchestrationState } from '../../core/orchestration-state.ts';
import type { Stray } from '../backend.ts';
import type { ExamineOptions, Finding } from './finding.ts';
import { repairInstance } from './repair-instance.ts';

/** What is young may be on its way: a history is written before its row, and a payload before what refers to it. */
const MIN_AGE_MS = 3_600_000;

export async function* examineStrays(options: ExamineOptions): AsyncGenerator<Finding> {
  const { backend, ambient, quietMs } = options;
  const writtenTo = new Date(ambient.now() - Math.max(quietMs, MIN_AGE_MS));
  for await (const stray of backend.listStrays(writtenTo)) {
    yield stray.kind === 'history'
      ? strayHistory(options, stray.instanceId)
      : {
          kind: 'strayPayloads',
          instanceId: stray.instanceId,
          problem: `${stray.count} of its large payloads (${stray.bytes} bytes) are there, and neither its row nor its history.`,
          repair: () => stray.delete(),
        };
  }
}

function strayHistory(
  { backend, ambient, log, taskHub }: ExamineOptions,
  instanceId: Stray['instanceId'],
): Finding {
  const kind = 'strayHistory';
  if (isEntityId(instanceId)) {
    const problem = 'It has a history and no row. The row is written again when the entity works.';
    return { kind, instanceId, problem, repair: undefined };
  }
  return {
    kind,
    instanceId,
    problem: 'It has a history and no row: it may run, and no client sees it.',
    async repair() {
      const state = new OrchestrationState(instanceId);
      for (const event of await backend.readHistory(instanceId, { namesLost: true })) {
        state.append(event);
      }
      const now = new Date(ambient.now()).toISOString();
      await repairInstance(backend, state, { log, taskHub, now });
    },
  };
}
