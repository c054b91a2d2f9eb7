/**
 * How many workers a hub wants. The lengths of the queues decide, as in DurableTaskTargetScaler of the .NET extension; ages are
 * added, from DisconnectedPerformanceMonitor of DurableTask.AzureStorage: work that waits although its queue is short asks for one
 * worker more at a time. Whether and how fast to follow is up to whoever asks.
 *
 * W1 Never 0 while something waits, is in work, or is due within the cool-down: nobody else would wake the hub.
 * W2 Never more for ages than there is work to give out: a message that no worker can handle does not raise workers without end.
 */
import type { HubBacklog, QueueBacklog } from './hub-backlog.ts';

export interface WorkerCapacity {
  /** Activities that one worker runs at a time. */
  readonly activities: number;
  /** Orchestrators and entities that one worker runs at a time. */
  readonly orchestrations: number;
  /** Of which one worker consists. */
  readonly processes: number;
}

export interface ScaleRule {
  readonly capacity: WorkerCapacity;
  /** Work that waits longer than this is late. */
  readonly lateAfterMs: number;
  /** A worker is kept for what is due within this time. */
  readonly coolDownMs: number;
  readonly minWorkers: number;
  /** Wins over `minWorkers`. */
  readonly maxWorkers: number;
}

export interface WantedWorkers {
  readonly count: number;
  /** One sentence, for people. */
  readonly reason: string;
}

/**
 * @example
 * wantedWorkers(backlog, rule) // { count: 3, reason: '250 activities, 100 at a time in a worker.' }
 */
export function wantedWorkers(backlog: HubBacklog, rule: ScaleRule): WantedWorkers {
  const wishes = [
    forActivities(backlog, rule),
    forOrchestrations(backlog, rule),
    forLateActivities(backlog, rule),
    forLateQueues(backlog, rule),
    forHiddenMessages(backlog, rule),
  ];
  const nothing = {
    count: 0,
    reason: `Nothing waits, and nothing is due within ${secondsText(rule.coolDownMs)}.`,
  };
  const most = wishes.reduce((best, wish) => (wish.count > best.count ? wish : best), nothing);
  return bounded(most, rule, backlog.workerLimit);
}

/** Those in work count: their slots are taken. */
function forActivities({ workItems }: HubBacklog, { capacity }: ScaleRule): WantedWorkers {
  const length = workItems.waiting + workItems.hidden;
  return {
    count: Math.ceil(length / capacity.activities),
    reason: `${counted(length, 'activity', 'activities')}, ${capacity.activities} at a time in a worker.`,
  };
}

/** More workers than queues that have something would find nothing. */
function forOrchestrations({ controlQueues }: HubBacklog, { capacity }: ScaleRule): WantedWorkers {
  const waiting = controlQueues.reduce((sum, queue) => sum + queue.waiting, 0);
  const active = controlQueues.filter((queue) => queue.waiting > 0).length;
  return {
    count: Math.min(active, Math.ceil(waiting / capacity.orchestrations)),
    reason: `${counted(waiting, 'message', 'messages')} for orchestrations in ${counted(active, 'control queue', 'control queues')}, ${capacity.orchestrations} at a time in a worker.`,
  };
}

function forLateActivities(
  { workItems, processes }: HubBacklog,
  { capacity, lateAfterMs }: ScaleRule,
): WantedWorkers {
  const workers = Math.ceil(processes / capacity.processes);
  const { waiting, hidden, oldestWaitingMs: age } = workItems;
  if (!isLate(workItems, lateAfterMs)) return { count: 0, reason: '' };
  return {
    count: Math.min(workers + 1, waiting + hidden),
    reason: `An activity has waited for ${secondsText(age ?? 0)} beside ${counted(workers, 'worker', 'workers')}.`,
  };
}

function forLateQueues(
  { controlQueues, processes }: HubBacklog,
  { capacity, lateAfterMs }: ScaleRule,
): WantedWorkers {
  const workers = Math.ceil(processes / capacity.processes);
  const late = controlQueues.filter((queue) => isLate(queue, lateAfterMs));
  const active = controlQueues.filter((queue) => queue.waiting > 0).length;
  if (late.length === 0) return { count: 0, reason: '' };
  return {
    count: Math.min(workers + 1, active),
    reason: `Messages for orchestrations have waited for longer than ${secondsText(lateAfterMs)} in ${counted(late.length, 'control queue', 'control queues')} beside ${counted(workers, 'worker', 'workers')}.`,
  };
}

function forHiddenMessages(
  { nextDueInMs: dueInMs }: HubBacklog,
  { coolDownMs }: ScaleRule,
): WantedWorkers {
  if (dueInMs === undefined || dueInMs > coolDownMs) return { count: 0, reason: '' };
  return {
    count: 1,
    reason:
      dueInMs > 0
        ? `A message for an orchestration is due in ${secondsText(dueInMs)}.`
        : 'A message for an orchestration is in work, or is a timer that may be due soon.',
  };
}

function isLate({ oldestWaitingMs }: QueueBacklog, lateAfterMs: number): boolean {
  return oldestWaitingMs !== undefined && oldestWaitingMs > lateAfterMs;
}

function bounded(
  wish: WantedWorkers,
  { minWorkers, maxWorkers }: ScaleRule,
  workerLimit = Infinity,
): WantedWorkers {
  const most = Math.min(maxWorkers, workerLimit);
  const least = Math.min(minWorkers, most);
  const count = Math.min(Math.max(wish.count, least), most);
  if (count === wish.count) return wish;
  const bound =
    count > wish.count
      ? `At least ${least}`
      : `At most ${most}${workerLimit < maxWorkers ? ', as the storage of the hub allows' : ''}`;
  return { count, reason: `${bound}; ${wish.count} for the work: ${wish.reason}` };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function secondsText(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
