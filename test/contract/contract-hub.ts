/** What the contract suite needs of an adapter, and the few verbs in which its tests are written. */
import { expect } from 'vitest';
import type { OrchestrationCommit } from '../../src/core/commit.ts';
import type { InstanceId } from '../../src/core/ids.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import { patient } from '../support/patience.ts';
import type {
  ActivityWorkItem,
  CommitReceipt,
  CommitRequest,
  OrchestrationWorkItem,
  TaskHubBackend,
  UnreadableMessage,
} from '../../src/engine/backend.ts';

/** One task hub of its own, which several backends may connect to, as several processes would. */
export interface ContractHub {
  /** undefined where there are none. */
  readonly partitionCount: number | undefined;
  /** Whether storage shows messages before their time. */
  readonly showsDue: boolean;
  connect(): TaskHubBackend;
  /** Puts a text into the first control queue that is no message; undefined where there are no texts. */
  readonly putText?: (text: string) => Promise<void>;
}

/** Longest wait for something that must come: the pause before a second delivery is 2 s. */
const PATIENCE_MS = patient(10_000);
/** How long nothing must come. */
export const SILENCE_MS = 300;

export async function nextItem(backend: TaskHubBackend): Promise<OrchestrationWorkItem> {
  const item = await backend.nextOrchestration(AbortSignal.timeout(PATIENCE_MS));
  if (item === undefined) throw new Error(`No orchestration came within ${PATIENCE_MS} ms.`);
  return item;
}

export async function nextActivity(backend: TaskHubBackend): Promise<ActivityWorkItem> {
  const item = await backend.nextActivity(AbortSignal.timeout(PATIENCE_MS));
  if (item === undefined) throw new Error(`No activity came within ${PATIENCE_MS} ms.`);
  return item;
}

export async function nextUnreadable(backend: TaskHubBackend): Promise<UnreadableMessage> {
  const message = await backend.nextUnreadable(AbortSignal.timeout(PATIENCE_MS));
  if (message === undefined) {
    throw new Error(`No unreadable message came within ${PATIENCE_MS} ms.`);
  }
  return message;
}

export async function expectNoOrchestration(backend: TaskHubBackend): Promise<void> {
  expect(await backend.nextOrchestration(AbortSignal.timeout(SILENCE_MS))).toBeUndefined();
}

export async function expectNoActivity(backend: TaskHubBackend): Promise<void> {
  expect(await backend.nextActivity(AbortSignal.timeout(SILENCE_MS))).toBeUndefined();
}

/** Commits an item whose messages are all consumed, unless `request` says otherwise. */
export function commitItem(
  backend: TaskHubBackend,
  item: OrchestrationWorkItem,
  commit: OrchestrationCommit,
  request: Partial<Omit<CommitRequest, 'commit'>> = {},
): Promise<CommitReceipt> {
  return backend.commitOrchestration(item, {
    token: undefined,
    consumed: item.messages,
    deferred: [],
    runHere: [],
    ...request,
    commit,
  });
}

/** Takes and settles everything that comes for an instance until it has seen `count` messages. */
export async function drain(
  backend: TaskHubBackend,
  count: number,
): Promise<readonly TaskMessage[]> {
  const seen: TaskMessage[] = [];
  while (seen.length < count) {
    const item = await nextItem(backend);
    seen.push(...item.messages.map(({ message }) => message));
    await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
  }
  return seen;
}

export async function listIds(
  backend: TaskHubBackend,
  query: Partial<Parameters<TaskHubBackend['listInstances']>[0]> = {},
): Promise<readonly InstanceId[]> {
  const page = await backend.listInstances({
    pageSize: 100,
    includeInput: false,
    includeOutput: false,
    ...query,
  });
  return page.instances.map(({ instanceId }) => instanceId);
}
