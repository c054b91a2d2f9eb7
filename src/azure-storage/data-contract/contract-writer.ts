/**
 * Writes members of data contracts as JSON text in one of two forms: `typed`, in queue messages, where objects begin with
 * `$type` (TypeNameHandling.Objects), and `plain`, in table columns.
 * Mirrors MessageManager's serializer settings and Utils.SerializeToJson.
 */
import { ORCHESTRATION_STATUS_NUMBERS } from '../../core/history-event.ts';
import type { JsonMember } from './contract-json.ts';
import { objectText, toJsonText } from './contract-json.ts';
import { toMessageTime } from './contract-time.ts';
import type { ContractKind, ContractTypes } from './contract-types.ts';

export type ContractForm = 'typed' | 'plain';

/** The JSON text of one member. */
export function writeValue<Kind extends ContractKind>(
  kind: Kind,
  value: ContractTypes[Kind],
  form: ContractForm,
): string {
  return WRITERS[kind](value, form);
}

/** The text of a contract object: in the typed form it begins with its .NET type. */
export function contractObject(
  type: string,
  form: ContractForm,
  members: readonly JsonMember[],
): string {
  return objectText(form === 'typed' ? [['$type', toJsonText(type)], ...members] : members);
}

const WRITERS: {
  [Kind in ContractKind]: (value: ContractTypes[Kind], form: ContractForm) => string;
} = {
  text: toJsonText,
  optionalText: toJsonText,
  integer: String,
  optionalInteger: String,
  flag: String,
  time: (value) => toJsonText(toMessageTime(value)),
  optionalTime: (value) => (value === null ? 'null' : WRITERS.time(value, 'plain')),
  status: (value) => String(ORCHESTRATION_STATUS_NUMBERS[value]),
  instance: (value, form) =>
    contractObject('DurableTask.Core.OrchestrationInstance', form, [
      ['InstanceId', toJsonText(value.InstanceId)],
      ['ExecutionId', toJsonText(value.ExecutionId)],
    ]),
  parent(value, form) {
    if (value === null) return 'null';
    return contractObject('DurableTask.Core.ParentInstance', form, [
      ['Name', toJsonText(value.Name)],
      ['OrchestrationInstance', writeValue('instance', value.OrchestrationInstance, form)],
      ['TaskScheduleId', String(value.TaskScheduleId)],
      ['Version', toJsonText(value.Version)],
      ...(value.AskedAt === undefined
        ? []
        : [['AskedAt', WRITERS.time(value.AskedAt, form)] as const]),
    ]);
  },
  traceContext(value, form) {
    if (value === null) return 'null';
    return contractObject('DurableTask.Core.Tracing.DistributedTraceContext', form, [
      ['TraceParent', toJsonText(value.TraceParent)],
      ['TraceState', toJsonText(value.TraceState)],
      ['Id', toJsonText(value.Id)],
      ['SpanId', toJsonText(value.SpanId)],
      ['ActivityStartTime', toJsonText(value.ActivityStartTime)],
    ]);
  },
  failure(value, form) {
    if (value === null) return 'null';
    return contractObject('DurableTask.Core.FailureDetails', form, [
      ['ErrorType', toJsonText(value.ErrorType)],
      ['ErrorMessage', toJsonText(value.ErrorMessage)],
      ['StackTrace', toJsonText(value.StackTrace)],
      ['InnerFailure', writeValue('failure', value.InnerFailure, form)],
      ['IsNonRetriable', String(value.IsNonRetriable)],
      ['Properties', dictionaryText(value.Properties, 'System.Object', form)],
    ]);
  },
  tags: (value, form) => dictionaryText(value, 'System.String', form),
  json: toJsonText,
};

/**
 * .NET dictionaries carry a `$type` too, with assembly names. It says nothing and is dropped when
 * read; it is written because every .NET engine of today writes exactly this text.
 */
function dictionaryText(
  entries: Readonly<Record<string, unknown>> | null,
  valueType: 'System.String' | 'System.Object',
  form: ContractForm,
): string {
  if (entries === null) return 'null';
  const core = 'System.Private.CoreLib';
  const type = `System.Collections.Generic.Dictionary\`2[[System.String, ${core}],[${valueType}, ${core}]]`;
  const members = Object.entries(entries).map(([key, value]) => [key, toJsonText(value)] as const);
  return contractObject(type, form, members);
}
