/** The operations of the management API, as OpenAPI has them: each route of `management/index.ts` is here, which a test checks. */
import { listOf, payload, ref, text } from './schemas.ts';

type Parameter = Readonly<Record<string, unknown>>;
type Answers = Readonly<Record<number, Readonly<Record<string, unknown>>>>;

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Readonly<Record<string, unknown>>;
  readonly answers: Answers;
}

const FLAG = { type: 'boolean' };
const TIME = { type: 'string', format: 'date-time' };
const query = (name: string, description: string, schema: object = text): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});
const segment = (name: string): Parameter => ({ name, in: 'path', required: true, schema: text });
const number = (minimum: number, maximum: number, otherwise?: number): object => ({
  type: 'integer',
  minimum,
  maximum,
  ...(otherwise !== undefined && { default: otherwise }),
});

const json = (description: string, schema: unknown) => ({
  description,
  content: { 'application/json': { schema } },
});
const nothing = (description: string) => ({ description });
const refused = json(
  'The request is not understood, or the operation not possible.',
  ref('Message'),
);

const id = segment('instanceId');
const FROM = query('createdTimeFrom', 'Created at this time or later.', TIME);
const TO = query('createdTimeTo', 'Created at this time or earlier.', TIME);
const SPAN = [
  query('createdTimeFrom', 'Created then or later. Default: a day before createdTimeTo.', TIME),
  query('createdTimeTo', 'Created then or earlier. Default: now.', TIME),
];
const STATUSES = query('runtimeStatus', 'One or more, separated by commas.');
const NEXT: Parameter = {
  name: 'x-ms-continuation-token',
  in: 'header',
  description: 'Of the former page.',
  schema: text,
};
const TOP = query('top', 'How many at most.', number(1, 0x7fffffff, 100));
const REASON = query('reason', 'For the history.');
const RECURSIVE = query('recursive', 'With all sub-orchestrations below it.', FLAG);
const WAITS = [
  query('timeout', 'Seconds; with `pollingInterval`, the answer is the outcome.', {
    type: 'number',
  }),
  query('pollingInterval', 'Seconds.', { type: 'number' }),
];
const TAG: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'The `ETag` of an earlier answer.',
  schema: text,
};
const GONE = nothing('There is no such instance.');
const ENDED = nothing('The instance has ended.');
const UNCHANGED = nothing('Nothing has changed.');
const body = (description: string) => ({
  description,
  content: { 'application/json': { schema: payload } },
});

const start: Operation = {
  summary: 'Starts an orchestration',
  parameters: [query('version', 'Of the instance.'), ...WAITS],
  requestBody: body('The input: JSON, or nothing.'),
  answers: {
    200: json('The output, when it was waited for.', payload),
    202: json('Started: links to look at it and to steer it.', ref('CheckStatus')),
    400: refused,
    409: json('The id belongs to an instance that may not be replaced.', ref('Message')),
  },
};
const steering = (summary: string): Operation => ({
  summary,
  parameters: [id, REASON, RECURSIVE],
  answers: {
    200: json('With `recursive`: all have got there.', ref('Tree')),
    202: {
      description: 'It is on the way. With `recursive`: each instance with its status.',
      content: { 'application/json': { schema: ref('Tree') } },
    },
    404: GONE,
    410: ENDED,
  },
});
const restarted: Answers = {
  202: json('Started.', ref('CheckStatus')),
  400: refused,
  409: json('The id belongs to an instance that may not be replaced.', ref('Message')),
};
const entities: Operation = {
  summary: 'Lists entities',
  parameters: [
    query('lastOperationTimeFrom', '', TIME),
    query('lastOperationTimeTo', '', TIME),
    query('fetchState', 'Whether states are told.', FLAG),
    TOP,
    NEXT,
  ],
  answers: { 200: json('A page.', listOf(ref('Entity'))) },
};
const signal: Operation = {
  summary: 'Signals an entity',
  parameters: [query('op', 'The operation.')],
  requestBody: body('Its input.'),
  answers: { 202: nothing('Sent.'), 400: refused, 404: nothing('There is no such entity.') },
};
const deletion: Operation = {
  summary: "Signals the operation 'delete'",
  answers: { 202: nothing('Sent.') },
};
const ofEntity = (operation: Operation, ...segments: readonly string[]): Operation => ({
  ...operation,
  parameters: [...segments.map(segment), ...(operation.parameters ?? [])],
});

/** Methods in lower case. */
export const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/orchestrators/{functionName}': {
    post: { ...start, parameters: [segment('functionName'), ...(start.parameters ?? [])] },
  },
  '/orchestrators/{functionName}/{instanceId}': {
    post: { ...start, parameters: [segment('functionName'), id, ...(start.parameters ?? [])] },
  },
  '/instances': {
    get: {
      summary: 'Lists instances',
      parameters: [
        STATUSES,
        FROM,
        TO,
        query('instanceIdPrefix', 'What ids begin with.'),
        query('name', 'Of the orchestrator, exactly.'),
        query('newestFirst', 'Where the storage has that order.', FLAG),
        query('excludeEntities', 'Entities are instances, too.', FLAG),
        query('showInput', 'Default: true.', FLAG),
        query('showOutput', 'Default: true.', FLAG),
        TOP,
        NEXT,
      ],
      answers: {
        200: json('A page; it may be empty.', listOf(ref('InstanceStatus'))),
        400: refused,
      },
    },
    delete: {
      summary: 'Purges instances that have ended',
      parameters: [{ ...FROM, required: true }, TO, STATUSES, NEXT],
      answers: {
        200: json('How many.', ref('Purged')),
        400: refused,
        404: nothing('None matched.'),
      },
    },
  },
  '/instances/{instanceId}': {
    get: {
      summary: 'The status of an instance',
      parameters: [
        id,
        query('showInput', 'Default: true.', FLAG),
        query('showHistory', 'Default: false.', FLAG),
        query('showHistoryOutput', 'Default: false.', FLAG),
        query('returnInternalServerErrorOnFailure', '500 for one that failed.', FLAG),
        { name: 'Prefer', in: 'header', description: '`wait=<seconds>`', schema: text },
      ],
      answers: {
        200: json('It has ended.', ref('InstanceStatus')),
        202: json('It is under way.', ref('InstanceStatus')),
        404: GONE,
        500: json('It has failed, and the client asked for that.', ref('InstanceStatus')),
      },
    },
    delete: {
      summary: 'Purges an instance that has ended',
      parameters: [id, RECURSIVE],
      answers: {
        200: json('How many.', ref('Purged')),
        404: GONE,
        412: json('It has not ended.', ref('Message')),
      },
    },
  },
  '/instances/{instanceId}/history': {
    get: {
      summary: 'The events of an instance, as they are stored',
      parameters: [
        id,
        query('from', 'Index of the first.', number(0, 0x7fffffff, 0)),
        query('top', 'How many at most.', number(1, 5_000, 1_000)),
        query('maxPayloadLength', 'Longer payloads are cut.', number(1, 0x7fffffff)),
        TAG,
      ],
      answers: { 200: json('A part.', ref('History')), 304: UNCHANGED, 400: refused, 404: GONE },
    },
  },
  '/instances/{instanceId}/children': {
    get: {
      summary: 'The sub-orchestrations that an instance has called',
      parameters: [
        id,
        query('from', 'Index of the first.', number(0, 0x7fffffff, 0)),
        query('top', 'How many at most.', number(1, 200, 50)),
        TAG,
      ],
      answers: { 200: json('A part.', ref('Children')), 304: UNCHANGED, 400: refused, 404: GONE },
    },
  },
  '/instances/{instanceId}/parents': {
    get: {
      summary: 'Who has called an instance, and who has called those',
      parameters: [id, query('top', 'How many at most.', number(1, 50, 20)), TAG],
      answers: {
        200: json('The nearest first.', ref('Parents')),
        304: UNCHANGED,
        400: refused,
        404: GONE,
      },
    },
  },
  '/instances/{instanceId}/replay': {
    get: {
      summary: "Whether today's code of its orchestrator would go on with an instance",
      parameters: [id],
      answers: {
        200: json('What a replay of its history says.', ref('Replay')),
        404: GONE,
        501: json('The app of the host does not run the hub.', ref('Message')),
      },
    },
  },
  '/instances/{instanceId}/logs': {
    get: {
      summary: 'The latest lines that the host has logged about an instance',
      parameters: [id, query('top', 'How many at most.', number(1, 2_000, 500)), TAG],
      answers: {
        200: json('Those that this process of the host still has in memory.', ref('Logs')),
        304: UNCHANGED,
        400: refused,
        501: json('The host does not work on the hub.', ref('Message')),
      },
    },
  },
  '/instances/{instanceId}/raiseEvent/{eventName}': {
    post: {
      summary: 'Raises an event',
      parameters: [id, segment('eventName')],
      requestBody: body('What the event brings.'),
      answers: { 202: nothing('Sent.'), 400: refused, 404: GONE, 410: ENDED },
    },
  },
  '/instances/{instanceId}/terminate': { post: steering('Terminates an instance') },
  '/instances/{instanceId}/suspend': { post: steering('Suspends an instance') },
  '/instances/{instanceId}/resume': { post: steering('Resumes an instance') },
  '/instances/{instanceId}/restart': {
    post: {
      summary: 'Starts an instance anew, with its input',
      parameters: [id, query('restartWithNewInstanceId', 'Default: true.', FLAG), ...WAITS],
      answers: restarted,
    },
  },
  '/instances/{instanceId}/restartWithOptions': {
    post: {
      summary: 'Starts an instance anew, with its input, under a chosen id',
      parameters: [
        id,
        { ...query('newInstanceId', 'The id.'), required: true },
        query('version', 'Of the new instance.'),
        ...WAITS,
      ],
      answers: restarted,
    },
  },
  '/instances/{instanceId}/rewind': {
    post: {
      summary: 'Lets a failed instance go on from before its failures',
      parameters: [id, REASON],
      answers: {
        202: nothing('It goes on.'),
        404: json('There is no such instance.', ref('Message')),
        412: json('It has not failed.', ref('Message')),
      },
    },
  },
  '/search': {
    get: {
      summary: 'Finds instances by what storage has no index for',
      parameters: [
        query('text', 'In input, output or custom status, in any case of letters.'),
        query('parentInstanceId', 'Of the instance that has called them.'),
        query('minDuration', 'Seconds from creation to end, or until now.', { type: 'number' }),
        query('maxDuration', 'Seconds.', { type: 'number' }),
        STATUSES,
        FROM,
        TO,
        query('instanceIdPrefix', 'What ids begin with.'),
        query('name', 'Of the orchestrator, exactly.'),
        query('top', 'How many are looked at.', number(1, 5_000, 1_000)),
        NEXT,
      ],
      answers: {
        200: json('What was found among those that were looked at.', ref('Found')),
        400: refused,
      },
    },
  },
  '/instances/{instanceId}/rewindPlan': {
    get: {
      summary: 'What a rewind of a failed instance would do again',
      parameters: [id, TAG],
      answers: {
        200: json('At most 200 of each are told.', ref('RewindPlan')),
        304: UNCHANGED,
        404: GONE,
        412: json('It has not failed.', ref('Message')),
      },
    },
  },
  '/stats': {
    get: {
      summary: 'Instances in numbers',
      parameters: [...SPAN, query('parts', 'Of the time.', number(1, 500, 48)), TAG],
      answers: {
        200: json('At most 20,000 are looked at.', ref('Stats')),
        304: UNCHANGED,
        400: refused,
      },
    },
  },
  '/failures': {
    get: {
      summary: 'Failed instances, grouped by cause',
      parameters: [...SPAN, query('parts', 'Of the time.', number(1, 100, 24)), TAG],
      answers: {
        200: json('At most 1,000 are looked at.', ref('Failures')),
        304: UNCHANGED,
        400: refused,
      },
    },
  },
  '/storage': {
    get: {
      summary: 'What waits in the queues, and who works',
      parameters: [TAG],
      answers: { 200: json('Storage is asked.', ref('Storage')), 304: UNCHANGED },
    },
  },
  '/events': {
    get: {
      summary: 'Which instances change, as server-sent events',
      answers: {
        200: {
          description: 'Each event is a JSON object with `instanceIds`: texts, or null for many.',
          content: { 'text/event-stream': { schema: text } },
        },
        501: json('Answers are not streamed here.', ref('Message')),
        503: json('As many listen as may, or the host stops.', ref('Message')),
      },
    },
  },
  '/running': {
    get: {
      summary: 'The functions that the workers of the hub execute at the moment',
      parameters: [query('top', 'How many at most.', number(1, 500, 50)), TAG],
      answers: {
        200: json(
          'The oldest first; `worker` is null for the process that answers.',
          ref('Running'),
        ),
        304: UNCHANGED,
        400: refused,
        501: json('The host does not work on the hub.', ref('Message')),
      },
    },
  },
  '/storage/contents': {
    get: {
      summary: 'What is kept where',
      parameters: [TAG],
      answers: { 200: json('One request for a container.', ref('Contents')), 304: UNCHANGED },
    },
  },
  '/storage/queues/{queueName}/messages': {
    get: {
      summary: 'The first messages of a queue',
      parameters: [
        segment('queueName'),
        query('due', 'Those that wait for a time; null where storage does not show them.', FLAG),
        query('top', 'How many at most.', number(1, 200, 32)),
        TAG,
      ],
      answers: {
        200: json('None is taken.', ref('Messages')),
        304: UNCHANGED,
        400: refused,
        404: json('There is no such queue.', ref('Message')),
      },
    },
  },
  '/timers': {
    get: {
      summary: 'What is due when',
      parameters: [query('top', 'How many at most.', number(1, 1_000, 100)), TAG],
      answers: {
        200: json('Read from queues, or from at most 100 histories.', ref('Timers')),
        304: UNCHANGED,
        400: refused,
      },
    },
  },
  '/locks': {
    get: {
      summary: 'Entities that an orchestration has to itself',
      parameters: [query('top', 'How many at most.', number(1, 1_000, 100)), TAG],
      answers: {
        200: json('Of at most 20,000 entities.', ref('Locks')),
        304: UNCHANGED,
        400: refused,
      },
    },
  },
  '/calls': {
    get: {
      summary: 'Which orchestrator calls what',
      parameters: [...SPAN, query('top', 'Of instances that are read.', number(1, 500, 100)), TAG],
      answers: {
        200: json('Learned from histories.', ref('Calls')),
        304: UNCHANGED,
        400: refused,
      },
    },
  },
  '/entities': { get: entities },
  '/entities/{entityName}': {
    get: ofEntity(entities, 'entityName'),
    post: ofEntity(signal, 'entityName'),
    delete: ofEntity(deletion, 'entityName'),
  },
  '/entities/{entityName}/{entityKey}': {
    get: {
      summary: 'The state of an entity',
      parameters: [segment('entityName'), segment('entityKey')],
      answers: { 200: json('The state.', payload), 404: nothing('There is no such entity.') },
    },
    post: ofEntity(signal, 'entityName', 'entityKey'),
    delete: ofEntity(deletion, 'entityName', 'entityKey'),
  },
  '/entities/{entityName}/{entityKey}/status': {
    get: {
      summary: 'An entity with its lock, and what waits for it',
      parameters: [segment('entityName'), segment('entityKey'), TAG],
      answers: {
        200: json('One row is read.', ref('EntityStatus')),
        304: UNCHANGED,
        404: nothing('There is no such entity.'),
      },
    },
  },
  '/poison': {
    get: {
      summary: 'Messages that were set aside',
      parameters: [query('top', 'How many at most.', number(1, 1_000, 100)), NEXT],
      answers: { 200: json('A page.', listOf(ref('PoisonSummary'))), 400: refused },
    },
  },
  '/poison/{poisonId}': {
    get: {
      summary: 'One of them, whole',
      parameters: [segment('poisonId')],
      answers: {
        200: json('With the message itself.', ref('PoisonMessage')),
        404: json('There is no such message.', ref('Message')),
      },
    },
    delete: {
      summary: 'Drops it for good',
      parameters: [segment('poisonId')],
      answers: {
        200: nothing('It is gone.'),
        404: json('There is no such message.', ref('Message')),
      },
    },
  },
  '/poison/{poisonId}/replay': {
    post: {
      summary: 'Puts it back where it came from',
      parameters: [segment('poisonId')],
      answers: {
        202: nothing('It is on the way.'),
        404: json('There is no such message.', ref('Message')),
      },
    },
  },
  '/hub': {
    delete: {
      summary: 'Deletes the hub with all its instances',
      parameters: [
        { ...query('name', 'Of the hub: what is to be deleted has to be said.'), required: true },
        query('force', 'Also while a host works on it.', FLAG),
      ],
      answers: {
        200: json('It is gone.', ref('DeletedHub')),
        400: refused,
        403: json('The host does not allow it.', ref('Message')),
        409: json('A host works on it.', ref('Message')),
      },
    },
  },
  '/makeprimary': {
    post: {
      summary: 'Has this app work on the hub, where apps take turns',
      answers: { 200: nothing('It does.'), 500: json('Apps take no turns here.', ref('Message')) },
    },
  },
  '/openapi.json': {
    get: { summary: 'This document', answers: { 200: json('OpenAPI 3.1.', { type: 'object' }) } },
  },
};
