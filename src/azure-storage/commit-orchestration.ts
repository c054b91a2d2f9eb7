/**
 * The order of a commit, written once. Each step may be the last before a crash:
 *
 * (a) outbox. Nothing put for this process is delivered before (b), so that an answer never overtakes the history it belongs
 *     to, and is taken back when history turns out never to hold the commit. What others have by then cannot be taken back, and
 *     after a crash all of it is delivered: answers to it are known for what they are (`core/answered-request.ts`).
 * (b) history, guarded by the token. 409/412 say that somebody else committed. It may also have been ourselves, in a request
 *     whose answer was lost: then history tells, and the commit goes on. When it cannot be told, the outbox is delivered.
 * (c) the Instances row. A crash before leaves a stale row, which the next episode or a repair writes again.
 * (d) inbound messages are deleted. A crash before delivers them again; their effects are stored, so they are dropped. Those of
 *     entities are deleted before the next item, so that an entity need not know older ones.
 *
 * Mirrors AzureStorageOrchestrationService.CompleteTaskOrchestrationWorkItemAsync.
 */
import { isActivityMessage, type ActivityMessage, type TaskMessage } from '../core/task-message.ts';
import type { CommitReceipt, CommitRequest, OrchestrationWorkItem } from '../engine/backend.ts';
import type { BackgroundWork } from './background-work.ts';
import type { ExecutionBlobs } from './blobs/execution-blobs.ts';
import { columnBlobs } from './blobs/large-columns.ts';
import type { LargePayloads } from './blobs/large-payloads.ts';
import { atMost } from '../base/at-most.ts';
import type { Deliveries } from './deliveries.ts';
import type { MessagePost } from './queues/message-post.ts';
import type { HeldMessage } from './queues/held-message.ts';
import type { AppendedHistory, HistoryTable } from './tables/history-table.ts';
import type { InstancesTable } from './tables/instances-table.ts';
import type { Row } from './tables/row.ts';

const MAX_PARALLEL_CALLS = 32;

export interface CommitParts {
  readonly post: MessagePost;
  readonly history: HistoryTable;
  readonly instances: InstancesTable;
  readonly deliveries: Deliveries;
  readonly payloads: LargePayloads;
  readonly executionBlobs: ExecutionBlobs;
  /** Told of each message that everybody sees. */
  readonly arrived: (message: TaskMessage) => void;
  readonly background: BackgroundWork;
}

/** @throws {SessionLostError} */
export async function commitOrchestration(
  parts: CommitParts,
  item: OrchestrationWorkItem,
  request: CommitRequest,
): Promise<CommitReceipt> {
  const { commit, token } = request;
  const outgoing = new Outgoing(parts);
  try {
    await outgoing.send(commit.outbox, new Set(request.runHere));
    const written = await parts.history.append(commit, token, () => {
      outgoing.takeBack();
    });
    outgoing.deliverMessages();
    await writeRow(parts, request, written);
    deleteReplacedBlobs(parts, request, written.rows);
    parts.deliveries.finishItem(item, request);
    return { token: written.token, activities: outgoing.takeActivities(request.runHere) };
  } finally {
    outgoing.deliverRest();
  }
}

/** Step (c): as many requests as a row that is there takes, unless it is not there. */
async function writeRow(
  { instances, history }: CommitParts,
  { commit: { instanceId, instance }, wholeInstance }: CommitRequest,
  { token, rows }: AppendedHistory,
): Promise<void> {
  if (instance === undefined) return;
  if (wholeInstance === undefined) {
    await instances.merge(instanceId, instance, rows);
    return;
  }
  if (await instances.mergeExisting(instanceId, instance, rows)) return;
  // A purge deletes the history before the row.
  if (!(await history.isCurrent(instanceId, token))) return;
  await instances.merge(instanceId, wholeInstance(), rows);
}

/** The outbox of one commit on its way: each message that was put for this process is handed out exactly once. */
class Outgoing {
  readonly #parts: CommitParts;
  readonly #messages = new Set<HeldMessage>();
  readonly #activities = new Map<ActivityMessage, HeldMessage<ActivityMessage>>();
  /** For other workers, and visible to them. */
  readonly #shared: TaskMessage[] = [];

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  async send(outbox: readonly TaskMessage[], runHere: ReadonlySet<TaskMessage>): Promise<void> {
    try {
      await atMost(MAX_PARALLEL_CALLS, outbox, (message) => this.#sendOne(message, runHere));
    } catch (error) {
      this.takeBack();
      throw error;
    }
    // Not before all are out: one request then finds as many as there is room for.
    this.#tell(this.#shared.filter(isActivityMessage));
  }

  deliverMessages(): void {
    for (const held of this.#messages) this.#parts.deliveries.deliver(held);
    this.#messages.clear();
    // Whoever is told sooner could answer before it is known that there was a question.
    this.#tell(this.#shared.filter((message) => !isActivityMessage(message)));
    this.#shared.length = 0;
  }

  takeActivities(runHere: readonly ActivityMessage[]): readonly HeldMessage<ActivityMessage>[] {
    return runHere.map((message) => {
      const held = this.#activities.get(message);
      if (held === undefined) throw new RangeError('A message of runHere is not in the outbox.');
      this.#activities.delete(message);
      this.#parts.deliveries.keep(held);
      return held;
    });
  }

  /** Deletes what nobody has got yet, because the history that it belongs to will never be. */
  takeBack(): void {
    this.#parts.deliveries.remove([...this.#messages, ...this.#activities.values()]);
    this.#messages.clear();
    this.#activities.clear();
  }

  /** What the caller does not get, because the commit failed half-way, is delivered like any other message. */
  deliverRest(): void {
    this.deliverMessages();
    for (const held of this.#activities.values()) this.#parts.deliveries.deliver(held);
    this.#activities.clear();
  }

  async #sendOne(message: TaskMessage, runHere: ReadonlySet<TaskMessage>): Promise<void> {
    const { post, deliveries } = this.#parts;
    if (isActivityMessage(message)) {
      if (runHere.has(message)) {
        this.#activities.set(message, (await post.putHeld(message)).held);
      } else {
        await post.put(message);
        this.#shared.push(message);
      }
    } else if (deliveries.holds(message)) {
      this.#messages.add((await post.putHeld(message)).held);
    } else {
      await post.put(message);
      this.#shared.push(message);
    }
  }

  #tell(messages: readonly TaskMessage[]): void {
    for (const message of messages) this.#parts.arrived(message);
  }
}

/** Long columns of an execution that was replaced are nobody's any more. */
function deleteReplacedBlobs(
  { executionBlobs, payloads, background }: CommitParts,
  { commit: { instanceId, replacesExecution } }: CommitRequest,
  rows: readonly Row[],
): void {
  const replaced = replacesExecution ? executionBlobs.take(instanceId) : [];
  executionBlobs.add(instanceId, rows.flatMap(columnBlobs));
  if (replaced.length === 0) return;
  void background.run(`delete the large payloads of an execution of '${instanceId}'`, async () => {
    await atMost(MAX_PARALLEL_CALLS, replaced, (name) => payloads.delete(name));
  });
}
