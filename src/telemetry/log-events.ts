/**
 * One function per event worth logging, with its id, name, level and fields. Ids and names are those of the .NET extension's
 * EtwEventSource where one exists; ids of ours start at 20000. Inputs and outputs are never fields.
 */
import { briefFailure } from '../base/brief-failure.ts';
import type { Logger, LogLevel } from './log.ts';

const DURABLE = 'Host.Triggers.DurableTask';

export function orchestrationScheduled(
  log: Logger,
  fields: { taskHub: string; instanceId: string; functionName: string },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 201,
    event: 'FunctionScheduled',
    message: `${fields.instanceId}: Function '${fields.functionName} (Orchestrator)' scheduled. Reason: NewInstance. IsReplay: False. State: Scheduled.`,
    fields,
  });
}

export function functionStarting(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    executionId?: string | undefined;
    traceId?: string | undefined;
    functionName: string;
    functionType: string;
  },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 202,
    event: 'FunctionStarting',
    message: `${fields.instanceId}: Function '${fields.functionName} (${fields.functionType})' started. IsReplay: False. State: Started.`,
    fields,
  });
}

export function functionCompleted(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    executionId?: string | undefined;
    traceId?: string | undefined;
    functionName: string;
    functionType: string;
    continuedAsNew: boolean;
  },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 204,
    event: 'FunctionCompleted',
    message: `${fields.instanceId}: Function '${fields.functionName} (${fields.functionType})' completed. ContinuedAsNew: ${fields.continuedAsNew ? 'True' : 'False'}. IsReplay: False. State: Completed.`,
    fields,
  });
}

export function functionTerminated(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    executionId?: string | undefined;
    traceId?: string | undefined;
    functionName: string;
    reason: string;
  },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 205,
    event: 'FunctionTerminated',
    message: `${fields.instanceId}: Function '${fields.functionName} (Orchestrator)' was terminated. Reason: ${fields.reason}. State: Terminated.`,
    fields,
  });
}

export function functionFailed(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    executionId?: string | undefined;
    traceId?: string | undefined;
    functionName: string;
    functionType: string;
    reason: string;
  },
): void {
  log.write({
    level: 'error',
    category: DURABLE,
    eventId: 206,
    event: 'FunctionFailed',
    message: `${fields.instanceId}: Function '${fields.functionName} (${fields.functionType})' failed with an error. Reason: ${briefFailure(fields.reason)}. IsReplay: False. State: Failed.`,
    fields,
  });
}

export function entityUnreadable(
  log: Logger,
  fields: { taskHub: string; instanceId: string },
  error: unknown,
): void {
  log.write({
    level: 'error',
    category: DURABLE,
    eventId: 20009,
    event: 'EntityUnreadable',
    message: `${fields.instanceId}: the stored state of the entity cannot be read; its callers are told, its signals wait: ${errorText(error)}`,
    fields,
    error,
  });
}

/** Normal with several workers, or after a slow commit. */
export function sessionLost(log: Logger, fields: { taskHub: string; instanceId: string }): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 20001,
    event: 'SessionLost',
    message: `${fields.instanceId}: another worker committed first; the work is dropped here and loaded again.`,
    fields,
  });
}

export function workItemAbandoned(
  log: Logger,
  fields: { taskHub: string; instanceId: string; kind: string },
  error: unknown,
): void {
  log.write({
    level: levelOf(error, 'error'),
    category: DURABLE,
    eventId: 20002,
    event: 'WorkItemAbandoned',
    message: `${fields.instanceId}: the ${fields.kind} work item could not be processed and will be tried again: ${errorText(error)}`,
    fields,
    error,
  });
}

export function messageDiscarded(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    eventType: string;
    taskEventId: number;
    reason: string;
  },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 20003,
    event: 'MessageDiscarded',
    message: `${fields.instanceId}: a ${fields.eventType} message was discarded: ${fields.reason}.`,
    fields,
  });
}

/** A loop of the engine could not reach storage; it goes on after a pause. */
export function loopFailed(
  log: Logger,
  fields: { taskHub: string; loop: string; pauseMs: number },
  error: unknown,
): void {
  log.write({
    level: levelOf(error, 'error'),
    category: DURABLE,
    eventId: 20004,
    event: 'LoopFailed',
    message: `The ${fields.loop} loop failed and goes on in ${fields.pauseMs} ms: ${errorText(error)}`,
    fields,
    error,
  });
}

/** Several workers share the hub, or this one is alone again. */
export function partitionsOwned(
  log: Logger,
  fields: { taskHub: string; partitions: readonly number[]; others: readonly string[] },
): void {
  const { taskHub, partitions, others } = fields;
  const share = partitions.length === 0 ? 'none of them' : partitions.join(', ');
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 20040,
    event: 'PartitionsOwned',
    message:
      others.length === 0
        ? `Task hub '${taskHub}': this worker works on all partitions.`
        : `Task hub '${taskHub}': the partitions of this worker are ${share}; the others are those of ${others.join(', ')}.`,
    fields: { taskHub, partitions: partitions.join(), others: others.join() },
  });
}

/** What belongs to them is dropped here, and loaded again by whoever has them next. */
export function partitionsLost(
  log: Logger,
  fields: { taskHub: string; partitions: readonly number[]; reason: string },
): void {
  const { taskHub, partitions, reason } = fields;
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20041,
    event: 'PartitionsLost',
    message: `Task hub '${taskHub}': partitions ${partitions.join(', ')} were lost: ${reason}. They are acquired again as soon as they are free.`,
    fields: { taskHub, partitions: partitions.join(), reason },
  });
}

/** Given once; what fails meanwhile is not repeated. @param fields.reason what could not be done first, and why. */
export function storageAway(log: Logger, fields: { taskHub: string; reason: string }): void {
  log.write({
    level: 'error',
    category: DURABLE,
    eventId: 20015,
    event: 'StorageAway',
    message: `The storage of task hub '${fields.taskHub}' does not do its work; everything is tried again, ever more rarely, until it does. ${fields.reason}`,
    fields,
  });
}

export function storageBack(
  log: Logger,
  fields: { taskHub: string; seconds: number; failedRequests: number },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20016,
    event: 'StorageBack',
    message: `The storage of task hub '${fields.taskHub}' does its work again after ${fields.seconds} s, in which ${fields.failedRequests} requests failed.`,
    fields,
  });
}

export function clockIsOff(
  log: Logger,
  { note, ...fields }: { taskHub: string; secondsAhead: number; note: string },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20018,
    event: 'ClockOff',
    message: `${note} Timers, retention and the times in histories of task hub '${fields.taskHub}' go by the clock of the machine.`,
    fields,
  });
}

export function clockIsRight(log: Logger, fields: { taskHub: string }): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20019,
    event: 'ClockRight',
    message: `The clock of this machine agrees with that of the storage of task hub '${fields.taskHub}' again.`,
    fields,
  });
}

/** What is missing of a hub could not be put back; it is tried again when somebody misses it. */
export function hubNotRestored(log: Logger, fields: { taskHub: string }, error: unknown): void {
  log.write({
    level: levelOf(error, 'warning'),
    category: DURABLE,
    eventId: 20017,
    event: 'HubNotRestored',
    message: `Task hub '${fields.taskHub}': a queue or table that is missing could not be put back yet: ${errorText(error)}`,
    fields,
    error,
  });
}

/** A queue message that cannot be understood, or not now; it is tried again. */
export function messageUnreadable(
  log: Logger,
  fields: { taskHub: string; queue: string; dequeueCount: number },
  error: unknown,
): void {
  log.write({
    level: 'error',
    category: DURABLE,
    eventId: 20005,
    event: 'MessageUnreadable',
    message: `A message of queue ${fields.queue} cannot be read (delivery ${fields.dequeueCount}): ${errorText(error)}`,
    fields,
    error,
  });
}

/** A message was given up: it lies in the poison store until somebody looks. */
export function messageSetAside(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    eventType: string;
    taskEventId: number;
    reason: string;
  },
): void {
  log.write({
    level: 'error',
    category: DURABLE,
    eventId: 20008,
    event: 'MessageSetAside',
    message: `${fields.instanceId === '' ? '' : `${fields.instanceId}: `}a ${fields.eventType === '' ? '' : `${fields.eventType} `}message was tried in vain and is set aside (func durable poison list): ${fields.reason}`,
    fields,
  });
}

/** What `retention` of host.json has had purged in one walk over the hub. @param fields.records rows, as far as storage counts them */
export function instancesExpired(
  log: Logger,
  fields: { taskHub: string; instances: number; records: number },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 20050,
    event: 'InstancesExpired',
    message: `Task hub '${fields.taskHub}': ${fields.instances} instances were purged, as their retention was over (${fields.records} rows).`,
    fields,
  });
}

/** An instance whose time is over stays; it is tried again at the next walk. */
export function purgeFailed(
  log: Logger,
  fields: { taskHub: string; instanceId: string },
  error: unknown,
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20051,
    event: 'PurgeFailed',
    message: `${fields.instanceId}: its retention is over, but it could not be purged: ${errorText(error)}`,
    fields,
    error,
  });
}

/** What is left of a purge of a whole tree that had broken off was purged. */
export function purgeResumed(
  log: Logger,
  fields: { taskHub: string; instanceId: string; instances: number },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 20052,
    event: 'PurgeResumed',
    message: `${fields.instanceId}: its purge, with all below it, had broken off; the ${fields.instances} instances that were left are purged now.`,
    fields,
  });
}

/** A purge of a whole tree that had broken off cannot be finished. */
export function purgeLeftOff(
  log: Logger,
  fields: { taskHub: string; instanceId: string },
  error: unknown,
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20053,
    event: 'PurgeLeftOff',
    message: `${fields.instanceId}: its purge, with all below it, had broken off, and what is left stays: ${errorText(error)}`,
    fields,
    error,
  });
}

export function instanceRepaired(
  log: Logger,
  fields: { taskHub: string; instanceId: string },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20006,
    event: 'InstanceRepaired',
    message: `${fields.instanceId}: the status row did not match the history and was written again.`,
    fields,
  });
}

/** The orchestrator waits for something that nothing outstanding will ever answer. */
export function orchestrationStalled(
  log: Logger,
  fields: { taskHub: string; instanceId: string; functionName: string },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20007,
    event: 'OrchestrationStalled',
    message: `${fields.instanceId}: orchestrator '${fields.functionName}' is not finished, but waits for no task, timer or event. A known cause: Task.all or Task.any over tasks that had all completed before.`,
    fields,
  });
}

/** Two orchestrations, or one of them twice, gave a child the same id at the same time. */
export function instanceReplaced(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    functionName: string;
    replacedName: string;
    startedBy: string;
  },
): void {
  const by = fields.startedBy === '' ? 'a client' : `orchestration '${fields.startedBy}'`;
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20032,
    event: 'InstanceReplaced',
    message: `${fields.instanceId}: '${fields.replacedName}' was still running under this id when ${by} started '${fields.functionName}' under it: it is replaced, and whoever waits for it is told that it failed. Give each sub-orchestration an id of its own, or none.`,
    fields,
  });
}

export function activityNotStarted(
  log: Logger,
  fields: { taskHub: string; instanceId: string; functionName: string; reason: string },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 20011,
    event: 'ActivityNotStarted',
    message: `${fields.instanceId}: activity '${fields.functionName}' is not started: ${fields.reason}.`,
    fields,
  });
}

/** Once for each function: others run all that asks for it. */
export function leftToOthers(
  log: Logger,
  fields: { taskHub: string; functionName: string; functionType: string; appName: string },
): void {
  const { functionName, functionType, appName } = fields;
  // An instance belongs to its partition, and the partition to one worker.
  const until =
    functionType === 'activity'
      ? ''
      : ' The partitions of such instances are given to those, and go back and forth when there is work for both apps in them.';
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20042,
    event: 'LeftToOthers',
    message: `The ${functionType} '${functionName}' is not of this app. What asks for it on the task hub is left to workers of '${appName}', which has it.${until}`,
    fields,
  });
}

/** Of work whose run the process did not outlive. */
export function processEndedBefore(
  log: Logger,
  fields: {
    instanceId: string;
    functionName: string;
    /** `activity` */
    kind: string;
    ends: number;
    isRefused: boolean;
  },
): void {
  const times = fields.ends === 1 ? 'once' : `${fields.ends} times`;
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20012,
    event: 'ProcessEndedBefore',
    message: `${fields.instanceId}: the process of the host has ended ${times} while ${fields.kind} '${fields.functionName}' ran; ${fields.isRefused ? 'it is not run again, but fails' : 'it is tried again'}.`,
    fields,
  });
}

export function eventContested(
  log: Logger,
  fields: { taskHub: string; instanceId: string; functionName: string; eventName: string },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20010,
    event: 'EventContested',
    message: `${fields.instanceId}: orchestrator '${fields.functionName}' waits for event '${fields.eventName}' while an earlier wait for it is still open, such as one that lost a Task.any. An event ends one of them only: the newest in durable-functions 2.x and 3.x, the oldest in 1.x. Keep the task of the first wait, and yield it again.`,
    fields,
  });
}

/** As the Functions host words it. */
export function functionTimedOut(
  log: Logger,
  fields: { functionName: string; invocationId: string; limit: string },
): void {
  log.write({
    level: 'error',
    category: `Function.${fields.functionName}`,
    eventId: 0,
    event: 'FunctionTimedOut',
    message: `Timeout value of ${fields.limit} exceeded by function 'Functions.${fields.functionName}' (Id: '${fields.invocationId}'). Initiating cancellation.`,
    fields,
  });
}

export function eventLoopBlocked(
  log: Logger,
  fields: {
    seconds: number;
    /** Those that ran meanwhile, or the one that did it; empty when none is known. */
    functions: string;
    isCertain: boolean;
  },
): void {
  const who = fields.isCertain ? ` by ${fields.functions}` : whoRan(fields.functions);
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20013,
    event: 'EventLoopBlocked',
    message: `The event loop was blocked for ${fields.seconds} s${who}. Nothing else could run meanwhile: neither other functions, nor requests, nor what holds messages for this process. Let such code pause now and then, or move it to a worker thread.`,
    fields,
  });
}

function whoRan(functions: string): string {
  return functions === '' ? '' : ` while these ran: ${functions}`;
}

/** The locks of messages ran out, because the process stood still, and not because storage refused them. */
export function locksRanOut(
  log: Logger,
  fields: { taskHub: string; count: number; seconds: number },
): void {
  const messages = fields.count === 1 ? 'one message' : `${fields.count} messages`;
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20014,
    event: 'LocksRanOut',
    message: `The locks of ${messages} ran out while this process stood still for ${fields.seconds} s. What no other worker took meanwhile goes on here; the rest runs twice.`,
    fields,
  });
}

/** Given once for each function and API. */
export function orchestratorNotDeterministic(
  log: Logger,
  fields: {
    instanceId: string;
    functionName: string;
    /** `Date.now()` */
    api: string;
    /** `src/functions/hello.js:12` */
    place: string;
    instead: string;
  },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20020,
    event: 'OrchestratorNotDeterministic',
    message: `Orchestrator '${fields.functionName}' calls ${fields.api} at ${fields.place}: it is called again at each replay and answers something else. Use ${fields.instead}. (extensions.durableTask.orchestratorCodeChecks: 'error' makes such instances fail, 'off' ends these warnings.)`,
    fields,
  });
}

export function orchestratorReturnsNoResult(
  log: Logger,
  fields: { instanceId: string; functionName: string; problem: string },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20033,
    event: 'OrchestratorReturnsNoResult',
    message: `Orchestrator '${fields.functionName}': ${fields.problem} (extensions.durableTask.orchestratorCodeChecks: 'error' makes such instances fail, 'off' ends these warnings.)`,
    fields,
  });
}

export function orchestratorForgetsYield(
  log: Logger,
  fields: {
    instanceId: string;
    functionName: string;
    /** `callActivity('Hello')` */
    call: string;
  },
): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20034,
    event: 'OrchestratorForgetsYield',
    message: `Orchestrator '${fields.functionName}' has ended and never yielded the task of context.df.${fields.call}, so that it did not run. Yield it, alone or in context.df.Task.all, or make the call only where it is needed. (extensions.durableTask.orchestratorCodeChecks: 'off' ends these warnings.)`,
    fields,
  });
}

export function sdkIsReplayed(log: Logger, fields: { functionName: string }): void {
  log.write({
    level: 'warning',
    category: DURABLE,
    eventId: 20035,
    event: 'SdkIsReplayed',
    message: `The version of durable-functions that orchestrator '${fields.functionName}' uses is not known: it is run over the whole history for each event, which is right but slow. Use 2.1 or 3.5, or ask for support of this version.`,
    fields,
  });
}

export function lifecycleEventPublished(
  log: Logger,
  fields: { taskHub: string; instanceId: string; functionName: string; status: string },
): void {
  log.write({
    level: 'debug',
    category: DURABLE,
    eventId: 20030,
    event: 'LifecycleEventPublished',
    message: `${fields.instanceId}: Event Grid was told that '${fields.functionName}' is ${fields.status}.`,
    fields,
  });
}

/** The event is given up. @param fields.reason holds no secret. */
export function lifecycleEventLost(
  log: Logger,
  fields: {
    taskHub: string;
    instanceId: string;
    functionName: string;
    status: string;
    reason: string;
  },
): void {
  log.write({
    level: 'error',
    category: DURABLE,
    eventId: 20031,
    event: 'LifecycleEventLost',
    message: `${fields.instanceId}: Event Grid could not be told that '${fields.functionName}' is ${fields.status}: ${fields.reason}`,
    fields,
  });
}

/** Of the address only what is no secret: neither user nor values of the query. */
export function sendingHttpRequest(
  log: Logger,
  fields: {
    instanceId: string;
    httpMethod: string;
    /** Without query and user. */
    requestUri: string;
    /** `code, api-version` */
    queryParameterNames: string;
  },
): void {
  log.write({
    level: 'information',
    category: DURABLE,
    eventId: 213,
    event: 'SendingHttpRequest',
    message: `${fields.instanceId}: Sending HTTP request ${fields.httpMethod} ${fields.requestUri}. QueryParameterNames: ${fields.queryParameterNames}.`,
    fields,
  });
}

/** Free text, for what happens once: start, stop, settings. */
export function text(
  log: Logger,
  level: LogLevel,
  category: string,
  message: string,
  error?: unknown,
): void {
  log.write({ level, category, eventId: 0, message, fields: {}, error });
}

/** Of a failure that comes of another one, which the log has told: for those who want to see everything. */
export function levelOf(error: unknown, otherwise: LogLevel): LogLevel {
  const isTold =
    typeof error === 'object' && error !== null && 'isTold' in error && error.isTold === true;
  return isTold ? 'debug' : otherwise;
}

/** The message of an error, or the value as text. */
export function errorText(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    // Getters and proxies of an app may throw.
    return 'an error that cannot be read';
  }
}
