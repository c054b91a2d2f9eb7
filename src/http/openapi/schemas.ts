/** What answers of the management API hold, as JSON Schema (2020-12). What is ours has no members but these. */
import { RUNTIME_STATUSES } from '../../core/instance-status.ts';
import { LOG_LEVELS } from '../../telemetry/log.ts';

type Schema = Readonly<Record<string, unknown>>;
type Members = Readonly<Record<string, Schema>>;

export const ref = (name: keyof typeof SCHEMAS): Schema => ({
  $ref: `#/components/schemas/${name}`,
});
export const text: Schema = { type: 'string' };
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
const count: Schema = { type: 'integer', minimum: 0 };
const flag: Schema = { type: 'boolean' };
const orNull = (type: string): Schema => ({ type: [type, 'null'] });
const time: Schema = { type: 'string', format: 'date-time' };
/** JSON that the app has stored, or is given. */
export const payload: Schema = {};

/** @param optional members that an answer may lack. */
function object(members: Members, optional: Members = {}): Schema {
  return {
    type: 'object',
    required: Object.keys(members),
    properties: { ...members, ...optional },
    additionalProperties: false,
  };
}

const SHARED = { from: time, to: time, isComplete: flag };
const INSTANCE = {
  name: text,
  instanceId: text,
  runtimeStatus: { $ref: '#/components/schemas/RuntimeStatus' },
  input: payload,
  customStatus: payload,
  output: payload,
  createdTime: time,
  lastUpdatedTime: time,
};
const POISON = {
  id: text,
  setAsideTime: time,
  reason: text,
  origin: text,
  dequeueCount: count,
  instanceId: orNull('string'),
  eventType: orNull('string'),
  taskEventId: orNull('integer'),
};
const QUEUE = object({
  name: text,
  waiting: count,
  hidden: count,
  oldestWaitingMs: orNull('number'),
});
const COUNTS: Schema = {
  type: 'object',
  description: 'How many have which status; a status that none has is left out.',
  propertyNames: { enum: RUNTIME_STATUSES },
  additionalProperties: count,
};

const STATUS_OR_NULL: Schema = {
  anyOf: [{ $ref: '#/components/schemas/RuntimeStatus' }, { type: 'null' }],
};
const REPEATED_CALL = { name: text, taskScheduledId: { type: 'integer' }, hasFailed: flag };
const STEP_KINDS = ['activity', 'subOrchestration', 'timer', 'sendEvent'];
const END_KINDS = ['completed', 'failed', 'continuedAsNew'];
const REPLAYED_STEP: Schema = {
  anyOf: [
    object({ kind: { enum: [...STEP_KINDS, ...END_KINDS] } }, { name: text, message: text }),
    { type: 'null' },
  ],
};

export const SCHEMAS = {
  RuntimeStatus: { type: 'string', enum: RUNTIME_STATUSES },
  InstanceStatus: object(INSTANCE, {
    version: text,
    parentInstanceId: text,
    historyEvents: listOf({ type: 'object' }),
    history: listOf({ type: 'object' }),
  }),
  CheckStatus: object({
    id: text,
    statusQueryGetUri: text,
    sendEventPostUri: text,
    terminatePostUri: text,
    purgeHistoryDeleteUri: text,
    restartPostUri: text,
    suspendPostUri: text,
    resumePostUri: text,
  }),
  Tree: object({ instances: listOf(object({ instanceId: text, status: text })) }),
  Purged: object(
    { instancesDeleted: count },
    { instances: listOf(object({ instanceId: text, status: text })) },
  ),
  History: object({
    executionId: orNull('string'),
    total: count,
    from: count,
    events: listOf({
      type: 'object',
      required: ['EventType', 'EventId', 'Timestamp'],
      description: 'A history event of the Durable Task Framework, as it is stored.',
    }),
  }),
  Children: object({
    total: count,
    from: count,
    children: listOf(
      object({
        instanceId: text,
        name: text,
        taskScheduledId: { type: 'integer' },
        runtimeStatus: STATUS_OR_NULL,
        customStatus: payload,
        createdTime: orNull('string'),
        lastUpdatedTime: orNull('string'),
      }),
    ),
  }),
  Parents: object({
    isComplete: flag,
    parents: listOf(
      object({
        instanceId: text,
        name: orNull('string'),
        runtimeStatus: STATUS_OR_NULL,
        createdTime: orNull('string'),
        lastUpdatedTime: orNull('string'),
      }),
    ),
  }),
  Replay: object({
    instanceId: text,
    executionId: orNull('string'),
    name: text,
    runtimeStatus: { $ref: '#/components/schemas/RuntimeStatus' },
    isFinished: flag,
    eventCount: count,
    verdict: { enum: ['same', 'changed', 'cannotContinue', 'notReplayed'] },
    reason: orNull('string'),
    step: {
      anyOf: [
        object({
          eventId: orNull('integer'),
          index: orNull('integer'),
          recorded: REPLAYED_STEP,
          asked: REPLAYED_STEP,
        }),
        { type: 'null' },
      ],
    },
  }),
  RewindPlan: object({
    activityCount: count,
    activities: listOf(object(REPEATED_CALL)),
    childCount: count,
    children: listOf(object({ ...REPEATED_CALL, instanceId: text })),
    timerCount: count,
  }),
  DeletedHub: object({ taskHub: text, isCreatedAnew: flag }),
  Logs: object({
    since: time,
    lines: listOf(object({ time, level: { enum: LOG_LEVELS }, category: text, message: text })),
  }),
  Found: object({
    seen: count,
    isComplete: flag,
    instances: listOf({ $ref: '#/components/schemas/InstanceStatus' }),
  }),
  Stats: object({
    ...SHARED,
    byStatus: COUNTS,
    byName: listOf(
      object({ name: text, byStatus: COUNTS, p50Ms: orNull('number'), p95Ms: orNull('number') }),
    ),
    parts: listOf(object({ from: time, byStatus: COUNTS })),
  }),
  Failures: object({
    ...SHARED,
    groups: listOf(
      object({
        signature: text,
        name: text,
        count,
        message: text,
        place: orNull('string'),
        counts: listOf(count),
        firstTime: time,
        lastTime: time,
        instanceIds: listOf(text),
      }),
    ),
  }),
  Storage: object({
    taskHub: text,
    controlQueues: listOf(QUEUE),
    workItems: QUEUE,
    nextDueInMs: orNull('number'),
    processes: count,
    workers: listOf(
      object({
        owner: text,
        partition: text,
        until: orNull('string'),
        app: orNull('string'),
      }),
    ),
  }),
  Running: object({
    total: count,
    running: listOf(
      object({
        kind: { enum: ['activity', 'orchestrator', 'entity'] },
        name: text,
        instanceId: text,
        since: time,
        worker: orNull('string'),
      }),
    ),
    others: listOf(object({ worker: text, total: orNull('integer') })),
  }),
  Contents: object({
    taskHub: text,
    contents: listOf(
      object({
        name: text,
        what: text,
        items: orNull('integer'),
        bytes: orNull('integer'),
        isComplete: flag,
      }),
    ),
  }),
  Messages: object({
    queue: text,
    messages: {
      type: ['array', 'null'],
      items: object({
        instanceId: orNull('string'),
        executionId: orNull('string'),
        eventType: orNull('string'),
        taskEventId: orNull('integer'),
        name: orNull('string'),
        insertedTime: orNull('string'),
        dueTime: orNull('string'),
        dequeueCount: count,
        body: text,
      }),
    },
  }),
  Timers: object({
    source: { enum: ['queues', 'histories'] },
    instancesSeen: orNull('integer'),
    isComplete: flag,
    timers: listOf(
      object({
        dueTime: text,
        kind: { enum: ['timer', 'start', 'signal', 'retry'] },
        instanceId: orNull('string'),
        name: orNull('string'),
        taskEventId: orNull('integer'),
      }),
    ),
  }),
  Calls: object({
    ...SHARED,
    instancesSeen: count,
    eventsSeen: count,
    orchestrators: listOf(
      object({
        name: text,
        instances: count,
        waitP50Ms: orNull('number'),
        waitP95Ms: orNull('number'),
        calls: listOf(
          object({
            kind: { enum: ['activity', 'orchestrator', 'entity'] },
            name: text,
            count,
            failed: count,
            open: count,
            p50Ms: orNull('number'),
            p95Ms: orNull('number'),
          }),
        ),
      }),
    ),
  }),
  Entity: object({
    entityId: object({ name: text, key: text }),
    lastOperationTime: time,
    state: payload,
  }),
  Locks: object({
    isComplete: flag,
    total: count,
    locks: listOf(
      object({
        entityId: object({ name: text, key: text }),
        lockedBy: text,
        lastOperationTime: time,
        queueLength: count,
      }),
    ),
  }),
  EntityStatus: object({
    entityId: object({ name: text, key: text }),
    exists: flag,
    lastOperationTime: time,
    lockedBy: orNull('string'),
    queueLength: count,
    queue: listOf(
      object({
        id: text,
        operation: orNull('string'),
        isSignal: flag,
        input: orNull('string'),
        parentInstanceId: orNull('string'),
        due: orNull('string'),
      }),
    ),
    state: payload,
  }),
  PoisonSummary: object(POISON),
  PoisonMessage: object({ ...POISON, body: text }),
  Message: {
    description: 'What is wrong, and what to do; a few operations of .NET answer with a text.',
    anyOf: [
      text,
      {
        type: 'object',
        required: ['Message'],
        properties: {
          Message: text,
          ExceptionMessage: text,
          ExceptionType: text,
          StackTrace: { type: 'null' },
        },
        additionalProperties: false,
      },
    ],
  },
} as const satisfies Readonly<Record<string, Schema>>;
