/**
 * Rewinds a failed instance and the failed sub-orchestrations below it. Any step may be the last before a crash; as long as
 * the row of the root says `Failed` the rewind can be asked for again, and completes what is missing:
 *
 * W1 Parents are rewritten before their children are looked at, so that no child's answer finds a finished parent.
 * W2 Nothing is woken before all histories are rewritten.
 * W3 The root's row changes last, and not at all if the engine was faster.
 *
 * Mirrors AzureStorageOrchestrationService.RewindTaskOrchestrationAsync, which changes the rows first and cannot be repeated.
 */
import { InstanceNotFoundError } from '../../core/errors.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import { toInstanceId, type InstanceId } from '../../core/ids.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import {
  forgetCall,
  judgeChild,
  planRewind,
  repeatAnswer,
  rewindMessage,
  type ChildCall,
  type ChildVerdict,
  type HistoryEdit,
} from '../../core/lifecycle/rewind.ts';
import type { TaskMessage } from '../../core/task-message.ts';
import type { Ambient } from '../ambient.ts';
import { atMost } from '../../base/at-most.ts';
import type { TaskHubClientBackend } from '../backend.ts';

interface Deps {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
}

interface Child {
  readonly call: ChildCall;
  readonly instanceId: InstanceId;
  readonly history: readonly HistoryEvent[];
  readonly verdict: ChildVerdict;
}

interface Rewound {
  readonly children: readonly InstanceId[];
  readonly messages: readonly TaskMessage[];
}

const AT_ONCE = 8;

/**
 * @param root the row of a failed instance.
 * @throws {InstanceNotFoundError} when an instance of the tree has no history.
 * @throws {SessionLostError} when somebody else works with the tree at the same time.
 */
export async function rewindInstance(
  deps: Deps,
  root: InstanceRecord,
  reason: string | null,
): Promise<void> {
  const { backend, ambient } = deps;
  const messages: TaskMessage[] = [];
  const seen = new Set<InstanceId>([root.instanceId]);
  let level: readonly InstanceId[] = [root.instanceId];
  while (level.length > 0) {
    const rewound = await atMost(AT_ONCE, level, async (instanceId) => {
      const one = await rewindOne(deps, instanceId, reason);
      if (instanceId !== root.instanceId) await reviveRow(deps, instanceId);
      return one;
    });
    messages.push(...rewound.flatMap((one) => one.messages));
    level = [...new Set(rewound.flatMap((one) => one.children))].filter((id) => !seen.has(id));
    for (const instanceId of level) seen.add(instanceId);
  }
  await atMost(AT_ONCE, messages, (message) => backend.sendMessage(message));
  await backend.reviveInstance(root, new Date(ambient.now()).toISOString());
}

async function rewindOne(
  deps: Deps,
  instanceId: InstanceId,
  reason: string | null,
): Promise<Rewound> {
  const { backend, ambient } = deps;
  const stored = await backend.loadHistory(instanceId);
  if (stored.token === undefined) throw new InstanceNotFoundError(instanceId);
  const plan = planRewind(instanceId, stored.events);
  const self = { instanceId, executionId: plan.executionId };
  // Without edits an earlier rewind broke off here, or the instance runs: then its history is not to be touched.
  const isRewritten = plan.edits.length > 0;
  const lost = isRewritten
    ? (await lookAt(deps, self, plan.calls)).filter(({ verdict }) => verdict === 'startAnew')
    : [];
  const edits = withForgotten(
    plan.edits,
    lost.map(({ call }) => call),
  );
  if (edits.length > 0) {
    await backend.rewriteHistory(instanceId, { token: stored.token, edits });
  }
  const lostCalls = new Set(lost.map(({ call }) => call));
  const waiting = plan.calls.filter((call) => !lostCalls.has(call));
  const children = await lookAt(deps, self, waiting);
  const now = new Date(ambient.now()).toISOString();
  const newId = (): string => ambient.newId();
  const answers = children.flatMap(({ verdict, instanceId: childId, history }) =>
    verdict === 'answer' ? (repeatAnswer(childId, history, { now, newId }) ?? []) : [],
  );
  const toRewind = children.filter(({ verdict }) => verdict === 'rewind');
  // Whether an earlier rewind woke the instance cannot be known, and twice does no harm.
  const mustRun = !isRewritten || plan.mustRun || lost.length > 0;
  const isLeaf = toRewind.length === 0 && answers.length === 0;
  return {
    children: toRewind.map((child) => child.instanceId),
    messages: [...answers, ...(mustRun || isLeaf ? [rewindMessage(instanceId, reason, now)] : [])],
  };
}

function lookAt(
  { backend }: Deps,
  parent: Parameters<typeof judgeChild>[1],
  calls: readonly ChildCall[],
): Promise<Child[]> {
  return atMost(AT_ONCE, calls, async (call) => {
    const instanceId = toInstanceId(call.event.InstanceId);
    const history = await backend.readHistory(instanceId);
    return { call, instanceId, history, verdict: judgeChild(call, parent, history) };
  });
}

/** The edits, with the calls that are to be made anew forgotten; the end of the instance still comes last. */
function withForgotten(
  edits: readonly HistoryEdit[],
  calls: readonly ChildCall[],
): readonly HistoryEdit[] {
  const forgotten = new Map(calls.map((call) => [call.index, forgetCall(call)]));
  return [...forgotten.values(), ...edits.filter(({ index }) => !forgotten.has(index))];
}

async function reviveRow({ backend, ambient }: Deps, instanceId: InstanceId): Promise<void> {
  const row = await backend.findInstance(instanceId);
  if (row?.runtimeStatus !== 'Failed') return;
  await backend.reviveInstance(row, new Date(ambient.now()).toISOString());
}
