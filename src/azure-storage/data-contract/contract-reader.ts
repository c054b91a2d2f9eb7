/**
 * Reads members of data contracts from parsed JSON, with `$type` (queue messages) and without (table columns) alike. Where
 * .NET leaves a missing member at its default, so do we, unless the default would mean another task or instance.
 */
import { ownMember } from '../../base/own-member.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import type { OrchestrationStatus } from '../../core/history-event.ts';
import { ORCHESTRATION_STATUS_NUMBERS } from '../../core/history-event.ts';
import { isContractTime } from './contract-time.ts';
import type { ContractKind, ContractTypes } from './contract-types.ts';

/**
 * Reads one member. A missing member is null; `path` names it in errors.
 * @throws {CorruptMessageError} the value is not of that kind.
 */
export function readValue<Kind extends ContractKind>(
  kind: Kind,
  value: unknown,
  path: string,
): ContractTypes[Kind] {
  return READERS[kind](value ?? null, path);
}

/** @throws {CorruptMessageError} */
export function readObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(path, 'an object', value);
  }
  return value as Readonly<Record<string, unknown>>;
}

const READERS: { [Kind in ContractKind]: (value: unknown, path: string) => ContractTypes[Kind] } = {
  text(value, path) {
    if (typeof value !== 'string') throw wrong(path, 'a text', value);
    return value;
  },
  optionalText: (value, path) => (value === null ? null : READERS.text(value, path)),
  integer(value, path) {
    if (!Number.isSafeInteger(value)) throw wrong(path, 'an integer', value);
    return value as number;
  },
  optionalInteger: (value, path) => (value === null ? null : READERS.integer(value, path)),
  flag(value, path) {
    if (value === null) return false;
    if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
    return value;
  },
  time(value, path) {
    if (typeof value !== 'string' || !isContractTime(value)) throw wrong(path, 'a time', value);
    return value;
  },
  optionalTime: (value, path) => (value === null ? null : READERS.time(value, path)),
  status(value, path) {
    const status = STATUSES.find(
      (name) => name === value || ORCHESTRATION_STATUS_NUMBERS[name] === value,
    );
    if (status === undefined) throw wrong(path, 'an orchestration status', value);
    return status;
  },
  instance(value, path) {
    const object = readObject(value, path);
    return {
      InstanceId: readValue('text', object['InstanceId'], `${path}.InstanceId`),
      ExecutionId: readValue('optionalText', object['ExecutionId'], `${path}.ExecutionId`),
    };
  },
  parent(value, path) {
    if (value === null) return null;
    const object = readObject(value, path);
    const instance = object['OrchestrationInstance'];
    const askedAt = readValue('optionalTime', object['AskedAt'], `${path}.AskedAt`);
    return {
      Name: readValue('optionalText', object['Name'], `${path}.Name`) ?? '',
      OrchestrationInstance: readValue('instance', instance, `${path}.OrchestrationInstance`),
      TaskScheduleId: readValue('integer', object['TaskScheduleId'], `${path}.TaskScheduleId`),
      Version: readValue('optionalText', object['Version'], `${path}.Version`),
      ...(askedAt === null ? {} : { AskedAt: askedAt }),
    };
  },
  traceContext(value, path) {
    if (value === null) return null;
    const object = readObject(value, path);
    const text = (name: string) =>
      readValue('optionalText', ownMember(object, name), `${path}.${name}`);
    return {
      TraceParent: text('TraceParent') ?? '',
      TraceState: text('TraceState'),
      Id: text('Id'),
      SpanId: text('SpanId'),
      ActivityStartTime: text('ActivityStartTime'),
    };
  },
  failure(value, path) {
    if (value === null) return null;
    const object = readObject(value, path);
    const text = (name: string) =>
      readValue('optionalText', ownMember(object, name), `${path}.${name}`);
    const properties = object['Properties'] ?? null;
    return {
      ErrorType: text('ErrorType') ?? '',
      ErrorMessage: text('ErrorMessage') ?? '',
      StackTrace: text('StackTrace'),
      InnerFailure: readValue('failure', object['InnerFailure'], `${path}.InnerFailure`),
      IsNonRetriable: readValue('flag', object['IsNonRetriable'], `${path}.IsNonRetriable`),
      Properties: properties === null ? null : readDictionary(properties, `${path}.Properties`),
    };
  },
  tags(value, path) {
    if (value === null) return null;
    const entries = Object.entries(readDictionary(value, path)).map(
      ([key, text]) => [key, readValue('text', text, `${path}.${key}`)] as const,
    );
    return Object.fromEntries(entries);
  },
  json: (value) => value,
};

const STATUSES = Object.keys(ORCHESTRATION_STATUS_NUMBERS) as OrchestrationStatus[];

/** A `$type` would become an entry. */
function readDictionary(value: unknown, path: string): Readonly<Record<string, unknown>> {
  const entries = Object.entries(readObject(value, path));
  return Object.fromEntries(entries.filter(([key]) => key !== '$type'));
}

function wrong(path: string, expected: string, value: unknown): CorruptMessageError {
  const found =
    value === null || value === undefined ? 'missing' : JSON.stringify(value).slice(0, 100);
  return new CorruptMessageError(`${path} must be ${expected}, but is ${found}.`);
}
