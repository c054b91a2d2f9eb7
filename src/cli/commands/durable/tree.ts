/** `func durable tree` (ours): an instance and the sub-orchestrations below it, each with its status, from the histories. */
import type { HistoryEvent } from '../../../core/history-event.ts';
import { InstanceNotFoundError } from '../../../core/errors.ts';
import type { RuntimeStatus } from '../../../core/instance-status.ts';
import { painted } from '../../output.ts';
import {
  EXIT_SUCCESS,
  idOption,
  type DurableCall,
  type DurableCommand,
} from './durable-command.ts';
import { colorOfStatus } from './status-color.ts';

interface Flags {
  readonly id: string;
}

interface TreeNode {
  readonly instanceId: string;
  readonly name: string;
  /** null for a child that has not started yet, or is gone. */
  readonly runtimeStatus: RuntimeStatus | null;
  readonly createdTime: string | null;
  readonly lastUpdatedTime: string | null;
  readonly children: readonly TreeNode[];
}

type Client = DurableCall['hub']['client'];

export const tree: DurableCommand<Flags> = {
  name: 'tree',
  description: 'show an instance with its sub-orchestrations',
  options: () => [idOption()],
  missingHub: 'fail',
  async run({ hub, flags, output }) {
    const record = await hub.client.findStatus(flags.id, { input: false, output: false });
    if (record === undefined) throw new InstanceNotFoundError(flags.id);
    const history = await hub.client.readHistory(flags.id);
    const root = await readNode(hub.client, { instanceId: flags.id, name: record.name, history });
    if (flags.json) {
      output.line(JSON.stringify(root));
      return EXIT_SUCCESS;
    }
    const paint = (status: string): string => painted(output, colorOfStatus(status), status);
    for (const line of treeLines(root, paint)) output.line(line);
    return EXIT_SUCCESS;
  },
};

/** One after the other below each parent: a fan-out of thousands must not become thousands of requests at once. */
async function readNode(
  client: Client,
  { instanceId, name, history }: Found,
  above: readonly string[] = [],
): Promise<TreeNode> {
  const record = await client.findStatus(instanceId, { input: false, output: false });
  const children: TreeNode[] = [];
  for (const event of history) {
    if (event.EventType !== 'SubOrchestrationInstanceCreated') continue;
    const child = { instanceId: event.InstanceId, name: event.Name };
    const childHistory = await client.readHistory(child.instanceId);
    const isMine = isChildOf(instanceId, childHistory) && !above.includes(child.instanceId);
    children.push(
      isMine
        ? await readNode(client, { ...child, history: childHistory }, [...above, instanceId])
        : { ...child, runtimeStatus: null, createdTime: null, lastUpdatedTime: null, children: [] },
    );
  }
  return {
    instanceId,
    name,
    runtimeStatus: record?.runtimeStatus ?? null,
    createdTime: record?.createdTime ?? null,
    lastUpdatedTime: record?.lastUpdatedTime ?? null,
    children,
  };
}

interface Found {
  readonly instanceId: string;
  readonly name: string;
  readonly history: readonly HistoryEvent[];
}

/** The id may have gone to an instance of somebody else since. */
function isChildOf(parentId: string, history: readonly HistoryEvent[]): boolean {
  const started = history.find((event) => event.EventType === 'ExecutionStarted');
  return started?.ParentInstance?.OrchestrationInstance.InstanceId === parentId;
}

function* treeLines(
  node: TreeNode,
  paint: (status: string) => string,
  lead = { own: '', below: '' },
): Generator<string> {
  yield `${lead.own}${node.name} ${node.instanceId} ${paint(node.runtimeStatus ?? '(not started)')}`;
  for (const [index, child] of node.children.entries()) {
    const isLast = index === node.children.length - 1;
    yield* treeLines(child, paint, {
      own: `${lead.below}${isLast ? '└─ ' : '├─ '}`,
      below: `${lead.below}${isLast ? '   ' : '│  '}`,
    });
  }
}
