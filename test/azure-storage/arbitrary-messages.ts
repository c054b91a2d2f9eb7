/** Generators of messages with every event type and any content, for property tests. */
import fc from 'fast-check';

import type {
  FailureDetails,
  HistoryEvent,
  HistoryEventType,
  OrchestrationStatus,
} from '../../src/core/history-event.ts';
import { ORCHESTRATION_STATUS_NUMBERS } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';

/** Lone surrogates and control characters included. */
const text = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});
const optionalText = fc.option(text);
const integer = fc.integer({ min: -1, max: 2 ** 31 - 1 });
const flag = fc.boolean();
/** What JSON.parse can give; it never gives -0. */
const json = fc.json().map((value) => JSON.parse(value) as unknown);

/** As .NET writes it: 100 ns digits without trailing zeros. */
const time = fc
  .tuple(
    fc.date({ min: new Date('1601-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.nat(9999),
  )
  .map(([date, ticks]) => {
    const digits = date.toISOString().slice(20, 23) + String(ticks).padStart(4, '0');
    const fraction = digits.replace(/0+$/, '');
    return `${date.toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
  });

const status = fc.constantFrom(
  ...(Object.keys(ORCHESTRATION_STATUS_NUMBERS) as OrchestrationStatus[]),
);
const tags = fc.dictionary(
  text.filter((key) => key !== '$type'),
  text,
);
const instance = fc.record({ InstanceId: text, ExecutionId: optionalText });
const parent = fc.record({
  Name: text,
  OrchestrationInstance: instance,
  TaskScheduleId: integer,
  Version: optionalText,
});
const trace = fc.record({
  TraceParent: text,
  TraceState: optionalText,
  Id: optionalText,
  SpanId: optionalText,
  ActivityStartTime: fc.option(time.map((utc) => utc.replace('Z', '+00:00'))),
});
const { failure } = fc.letrec<{ failure: FailureDetails }>((tie) => ({
  failure: fc.record({
    ErrorType: text,
    ErrorMessage: text,
    StackTrace: optionalText,
    InnerFailure: fc.option(tie('failure'), { depthSize: 'small' }),
    IsNonRetriable: flag,
    Properties: fc.option(
      fc.dictionary(
        text.filter((key) => key !== '$type'),
        json,
      ),
    ),
  }),
}));

const answer = { TaskScheduledId: integer, Result: optionalText };
const fault = {
  TaskScheduledId: integer,
  Reason: optionalText,
  Details: optionalText,
  FailureDetails: fc.option(failure),
};
const completion = {
  OrchestrationStatus: status,
  Result: optionalText,
  FailureDetails: fc.option(failure),
};

const MEMBERS: Record<HistoryEventType, Record<string, fc.Arbitrary<unknown>>> = {
  ExecutionStarted: {
    OrchestrationInstance: instance,
    ParentInstance: fc.option(parent),
    Name: text,
    Version: optionalText,
    Input: optionalText,
    Tags: fc.option(tags),
    Correlation: optionalText,
    ParentTraceContext: fc.option(trace),
    ScheduledStartTime: fc.option(time),
    Generation: fc.option(integer),
    GenerateNewTrace: flag,
  },
  ExecutionCompleted: completion,
  ContinueAsNew: completion,
  ExecutionTerminated: { Input: optionalText },
  ExecutionSuspended: { Reason: optionalText },
  ExecutionResumed: { Reason: optionalText },
  ExecutionRewound: {
    Reason: optionalText,
    ParentExecutionId: optionalText,
    InstanceId: optionalText,
    ParentTraceContext: fc.option(trace),
  },
  TaskScheduled: {
    Name: text,
    Version: optionalText,
    Input: optionalText,
    ParentTraceContext: fc.option(trace),
    Tags: fc.option(tags),
  },
  TaskCompleted: answer,
  TaskFailed: fault,
  SubOrchestrationInstanceCreated: {
    Name: text,
    Version: optionalText,
    InstanceId: text,
    Input: optionalText,
    ClientSpanId: optionalText,
    Tags: fc.option(tags),
  },
  SubOrchestrationInstanceCompleted: answer,
  SubOrchestrationInstanceFailed: fault,
  TimerCreated: { FireAt: time },
  TimerFired: { TimerId: integer, FireAt: time },
  OrchestratorStarted: {},
  OrchestratorCompleted: {},
  EventSent: { InstanceId: text, Name: text, Input: optionalText },
  EventRaised: { Name: text, Input: optionalText, ParentTraceContext: fc.option(trace) },
  GenericEvent: { Data: optionalText },
  HistoryState: { State: json },
};

export const anyEvent: fc.Arbitrary<HistoryEvent> = fc
  .constantFrom(...(Object.keys(MEMBERS) as HistoryEventType[]))
  .chain((type) =>
    fc.record({
      EventType: fc.constant(type),
      EventId: integer,
      IsPlayed: flag,
      Timestamp: time,
      ...MEMBERS[type],
    }),
  )
  .map((event) => event as unknown as HistoryEvent);

export const anyMessage: fc.Arbitrary<TaskMessage> = fc.record(
  {
    event: anyEvent,
    target: fc.record({
      instanceId: text.map(toInstanceId),
      executionId: fc.option(text.map(toExecutionId)),
    }),
    sender: fc.record({ instanceId: text, executionId: text }),
    episode: integer,
    orchestrationTags: tags,
  },
  { requiredKeys: ['event', 'target', 'sender'] },
);
