/**
 * A backend whose deliveries are as bad as the rules of the port allow: answers in any order, late and twice, batches cut in
 * pieces and shuffled, commits that fail before or after they were written, or when only their outbox has left. Driven by a seed.
 */
import { SessionLostError, BackendUnavailableError } from '../../src/core/errors.ts';
import type {
  ActivityWorkItem,
  CommitReceipt,
  CommitRequest,
  DeliveredMessage,
  OrchestrationWorkItem,
  TaskHubBackend,
} from '../../src/engine/backend.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import type { InstanceId } from '../../src/core/ids.ts';
import { leakError } from './leaky-backend.ts';
import { setTimeout as pause } from 'node:timers/promises';

export interface Unruliness {
  readonly seed: number;
  /** Whether commits fail: then activities that ran before their commit run again. */
  readonly losesCommits: boolean;
  /** Whether commits fail after their outbox has left (rule B6): then what they ask for is done, and done again. @default false */
  readonly leaksCommits?: boolean;
  /** Longest delay, in ms. @default 4 */
  readonly maxDelayMs?: number;
}

/** A few deliveries more than the engine takes for a sign of a lost message. */
const MAX_SPLIT_DELIVERIES = 3;

export function unrulyBackend(inner: TaskHubBackend, options: Unruliness): TaskHubBackend {
  const random = randomFrom(options.seed);
  const chance = (probability: number): boolean => random() < probability;
  const delay = (): Promise<unknown> =>
    pause(Math.floor(random() * ((options.maxDelayMs ?? 4) + 1)));
  /** What was cut from a work item is given back when the rest is done. */
  const cut = new Map<OrchestrationWorkItem, OrchestrationWorkItem>();
  const rest = (item: OrchestrationWorkItem): readonly DeliveredMessage[] =>
    (cut.get(item)?.messages ?? []).filter((message) => !item.messages.includes(message));

  /** Items whose commit was written, but not answered: they are out until they are settled, and so long no other one comes. */
  const unanswered = new Map<OrchestrationWorkItem, () => void>();
  const untilSettled = new Map<InstanceId, Promise<void>>();
  const holdOthers = (item: OrchestrationWorkItem): void => {
    const settled = new Promise<void>((resolve) => unanswered.set(item, resolve));
    untilSettled.set(item.instanceId, settled);
  };
  /** For the backend behind this one the item is done: it does not know the messages any more. */
  const sendAgain = async (
    item: OrchestrationWorkItem,
    messages: readonly DeliveredMessage[],
  ): Promise<void> => {
    for (const { message } of messages) await inner.sendMessage(message);
    releaseOthers(item);
  };
  const releaseOthers = (item: OrchestrationWorkItem): void => {
    untilSettled.delete(item.instanceId);
    unanswered.get(item)?.();
    unanswered.delete(item);
  };

  const cutItem = (item: OrchestrationWorkItem): OrchestrationWorkItem => {
    const { messages } = item;
    const isFresh = messages.every(({ dequeueCount }) => dequeueCount < MAX_SPLIT_DELIVERIES);
    const shuffled = isFresh && chance(0.5) ? shuffle(messages, random) : messages;
    const count =
      isFresh && chance(0.4) ? 1 + Math.floor(random() * messages.length) : messages.length;
    const part = { ...item, messages: shuffled.slice(0, count) };
    cut.set(part, item);
    return part;
  };
  /** What is sent twice, and is still under way. */
  const late = new Set<Promise<void>>();
  const isAnswer = ({ event }: TaskMessage): boolean =>
    /^(TaskCompleted|TaskFailed|TimerFired|SubOrchestrationInstance(Completed|Failed))$/.test(
      event.EventType,
    );
  const twice = (message: TaskMessage): void => {
    if (!isAnswer(message) || !chance(0.15)) return;
    const sending = delay()
      .then(() => inner.sendMessage(message))
      .finally(() => late.delete(sending));
    late.add(sending);
  };

  const overrides: Partial<TaskHubBackend> = {
    async nextOrchestration(signal) {
      const item = await inner.nextOrchestration(signal);
      if (!item) return undefined;
      await untilSettled.get(item.instanceId);
      if (chance(0.3)) await delay();
      return cutItem(item);
    },
    async commitOrchestration(item, request): Promise<CommitReceipt> {
      const deferred = [...request.deferred, ...rest(item)];
      if (options.losesCommits && chance(0.1)) throw new SessionLostError(item.instanceId);
      if (options.leaksCommits && chance(0.15)) {
        for (const message of request.commit.outbox) await inner.sendMessage(message);
        throw leakError(chance(0.5) ? 'lost session' : 'failed write', item.instanceId);
      }
      if (options.losesCommits && chance(0.1)) {
        const quiet: CommitRequest = { ...request, runHere: [], consumed: [], deferred: [] };
        holdOthers(item);
        try {
          await inner.commitOrchestration(item, quiet);
        } catch (error) {
          releaseOthers(item);
          throw error;
        }
        throw new BackendUnavailableError('The answer to the commit was lost.');
      }
      const receipt = await inner.commitOrchestration(item, { ...request, deferred });
      cut.delete(item);
      for (const message of request.commit.outbox) twice(message);
      return receipt;
    },
    async settleOrchestration(item, messages) {
      const deferred = [...messages.deferred, ...rest(item)];
      if (unanswered.has(item)) await sendAgain(item, deferred);
      else await inner.settleOrchestration(item, { ...messages, deferred });
      cut.delete(item);
    },
    async abandonOrchestration(item) {
      const whole = cut.get(item) ?? item;
      if (unanswered.has(item)) await sendAgain(item, whole.messages);
      else await inner.abandonOrchestration(whole);
      cut.delete(item);
    },
    async completeActivity(item: ActivityWorkItem, response: TaskMessage) {
      await delay();
      await inner.completeActivity(item, response);
      twice(response);
    },
    async stop() {
      // The hub may be deleted as soon as this is over.
      while (late.size > 0) await Promise.all(late);
      await inner.stop();
    },
  };
  return new Proxy(inner, {
    get(target, name) {
      const override: unknown = Reflect.get(overrides, name);
      if (override !== undefined) return override;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffle<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
