/**
 * The actions that an SDK answers, as it made them → typed actions. A raw object that occurs twice becomes the same action
 * both times: that is how the replay knows a task that was yielded before (Task.any in a loop) from a new one.
 * Shapes: the action classes of durable-functions 1.5, 2.1 and 3.5.
 */
import { inspect, types } from 'node:util';
import type {
  HttpRequestAction,
  RetryOptions,
  SdkAction,
  SdkActions,
} from '../../core/replay/action.ts';
import { describeThrown } from '../failure-text.ts';

/** The answer cannot be carried out; the message becomes the reason why the orchestration fails. */
export class SdkAnswerError extends Error {}

const SIX_DAYS_MS = 6 * 24 * 60 * 60 * 1000;

/** SDK 1.x sends no version; 2.x and 3.x a number. */
const ORIGINAL_SCHEMA = 0;

type Raw = Readonly<Record<string, unknown>>;

/** @throws {SdkAnswerError} for what no SDK sends, and for inputs that JSON cannot hold. */
export function parseSdkActions(schemaVersion: unknown, raw: unknown): SdkActions {
  const outer = raw === undefined ? [] : arrayOf(raw, 'actions');
  const schema = (schemaVersion ?? ORIGINAL_SCHEMA) === ORIGINAL_SCHEMA ? 'original' : 'nested';
  const parser = new ActionParser(schema);
  const yields = outer.map((inner) => arrayOf(inner, 'actions').map((item) => parser.parse(item)));
  if (schema === 'original') return { schema, yields };
  // 2.0 answered an empty outer array on early errors.
  if (yields.length > 1) {
    throw new SdkAnswerError(
      `With OOProc schema V2, expected actions array to be of length 1 in outer layer but got size: ${yields.length}`,
    );
  }
  return { schema, actions: yields[0] ?? [] };
}

/**
 * The value as JSON text; null for undefined.
 * @throws {SdkAnswerError} when JSON cannot hold it.
 */
export function jsonTextOf(value: unknown, what: string): string | null {
  try {
    // Functions and symbols have no JSON text either.
    const text: unknown = JSON.stringify(value);
    return typeof text === 'string' ? text : null;
  } catch (error) {
    throw new SdkAnswerError(`${what} cannot be sent as JSON: ${describeThrown(error).message}`);
  }
}

/** Parses the actions of one run, and knows those again that it has seen. */
export class ActionParser {
  readonly #schema: SdkActions['schema'];
  readonly #seen = new Map<object, SdkAction>();

  constructor(schema: SdkActions['schema']) {
    this.#schema = schema;
  }

  /** @throws {SdkAnswerError} */
  parse(raw: unknown): SdkAction {
    if (typeof raw !== 'object' || raw === null) {
      throw new SdkAnswerError(`An action must be an object, not ${inspect(raw)}.`);
    }
    const known = this.#seen.get(raw);
    if (known !== undefined) return known;
    const action = this.#parseNew(raw as Raw);
    this.#seen.set(raw, action);
    return action;
  }

  /** Numbers of the extension's AsyncActionType. */
  #parseNew(raw: Raw): SdkAction {
    switch (raw['actionType']) {
      case 0:
        return { kind: 'callActivity', ...call(raw, 'activity') };
      case 1:
        return {
          kind: 'callActivityWithRetry',
          ...call(raw, 'activity'),
          retry: this.#retryOf(raw),
        };
      case 2:
        return { kind: 'callSubOrchestrator', ...subCall(raw) };
      case 3:
        return { kind: 'callSubOrchestratorWithRetry', ...subCall(raw), retry: this.#retryOf(raw) };
      case 4:
        return { kind: 'continueAsNew', input: inputOf(raw, 'continueAsNew') };
      case 5:
        return {
          kind: 'createTimer',
          fireAt: timeOf(raw, 'fireAt'),
          // The orchestrator may cancel it later, by this very object.
          get isCanceled() {
            return raw['isCanceled'] === true;
          },
        };
      case 6:
        return { kind: 'waitForExternalEvent', eventName: textOf(raw, 'externalEventName') };
      case 7:
        return { kind: 'callEntity', ...entityRequest(raw) };
      case 8:
        return { kind: 'callHttp', request: httpRequestOf(raw['httpRequest']) };
      case 9:
        return { kind: 'signalEntity', ...entityRequest(raw), fireAt: null };
      case 10:
        return { kind: 'signalEntity', ...entityRequest(raw), fireAt: timeOf(raw, 'fireAt') };
      case 11:
        return { kind: 'whenAny', children: this.#children(raw) };
      case 12:
        return { kind: 'whenAll', children: this.#children(raw) };
      case 13:
        return {
          kind: 'lockEntities',
          lockSet: arrayOf(raw['lockSet'], 'lockSet').map((entity) => ({
            name: textOf(entity as Raw, 'name'),
            key: textOf(entity as Raw, 'key'),
          })),
        };
      case 14:
        return { kind: 'releaseEntities' };
      default:
        throw new SdkAnswerError(
          `Received an unexpected action type from the out-of-proc function: '$${inspect(raw['actionType'])}'.`,
        );
    }
  }

  #children(raw: Raw): readonly SdkAction[] {
    return arrayOf(raw['compoundActions'], 'compoundActions').map((child) => this.parse(child));
  }

  /** NaN and Infinity are no numbers where JSON travels: they count as left out. */
  #retryOf(raw: Raw): RetryOptions {
    const options = (raw['retryOptions'] ?? {}) as Raw;
    const optional = (name: RetryMember): number | undefined => {
      const value = options[name];
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    };
    const required = (name: RetryMember): number => {
      const value = options[name];
      if (typeof value === 'number' && !Number.isNaN(value)) return value;
      throw new SdkAnswerError(`Invalid JSON. Must contain field ${name} in retryOptions.`);
    };
    const attempts = required('maxNumberOfAttempts');
    return {
      firstRetryIntervalMs: required('firstRetryIntervalInMilliseconds'),
      // The SDKs count so when the number is a fraction, and the ids of what follows depend on it.
      maxNumberOfAttempts: this.#schema === 'original' ? Math.ceil(attempts) : Math.floor(attempts),
      backoffCoefficient: optional('backoffCoefficient') ?? 1,
      maxRetryIntervalMs: optional('maxRetryIntervalInMilliseconds') ?? SIX_DAYS_MS,
      retryTimeoutMs: optional('retryTimeoutInMilliseconds'),
    };
  }
}

function call(raw: Raw, kind: string): { functionName: string; input: unknown } {
  const functionName = textOf(raw, 'functionName');
  return { functionName, input: inputOf(raw, `${kind} '${functionName}'`) };
}

function subCall(raw: Raw): {
  functionName: string;
  input: unknown;
  instanceId: string | null;
  version: string | null;
} {
  return {
    ...call(raw, 'sub-orchestrator'),
    instanceId: textOrNull(raw['instanceId']),
    version: textOrNull(raw['version']),
  };
}

function entityRequest(raw: Raw): { entityId: string; operation: string; input: unknown } {
  const entityId = textOf(raw, 'instanceId');
  const operation = textOf(raw, 'operation');
  return { entityId, operation, input: inputOf(raw, `operation '${operation}' of ${entityId}`) };
}

/** Checked here, where it can still fail the orchestration: later it would fail the engine. */
function inputOf(raw: Raw, what: string): unknown {
  const { input } = raw as { input?: unknown };
  if (jsonTextOf(input, `The input of ${what}`) === null) return undefined;
  return input;
}

function httpRequestOf(raw: unknown): HttpRequestAction {
  if (typeof raw !== 'object' || raw === null) {
    throw new SdkAnswerError('A callHttp action must have an httpRequest.');
  }
  const request = raw as Raw;
  jsonTextOf(request, 'The request of callHttp');
  return {
    method: textOf(request, 'method'),
    uri: textOf(request, 'uri'),
    content: contentOf(request['content']),
    headers: headersOf(request['headers']),
    tokenSource: request['tokenSource'] ?? null,
    // 1.x does not know the flag and never polls.
    asynchronousPatternEnabled: request['asynchronousPatternEnabled'] === true,
    timeout: request['timeout'] ?? null,
    raw: request,
  };
}

/** SDKs make text of objects, and leave numbers and booleans as they are. */
function contentOf(raw: unknown): string | null {
  return typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : textOrNull(raw);
}

function headersOf(raw: unknown): Readonly<Record<string, string | readonly string[]>> | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const present = Object.entries(raw).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
  );
}

/** A Date when the answer is live, ISO text when it comes from the text of an error. */
function timeOf(raw: Raw, name: 'fireAt'): string {
  const value = raw[name];
  const time = new Date(types.isDate(value) || typeof value === 'string' ? value : NaN);
  if (Number.isNaN(time.getTime())) {
    throw new SdkAnswerError(`${name} of a timer is not a valid date.`);
  }
  return time.toISOString();
}

/** Members of live objects may be inherited: so their names are ours alone. */
type TextMember =
  | 'externalEventName'
  | 'functionName'
  | 'instanceId'
  | 'key'
  | 'lockRequestId'
  | 'method'
  | 'name'
  | 'operation'
  | 'uri';

type RetryMember =
  | 'maxNumberOfAttempts'
  | 'firstRetryIntervalInMilliseconds'
  | 'backoffCoefficient'
  | 'maxRetryIntervalInMilliseconds'
  | 'retryTimeoutInMilliseconds';

function textOf(raw: Raw, name: TextMember): string {
  const value = raw[name];
  if (typeof value === 'string') return value;
  throw new SdkAnswerError(`The ${name} of an action must be text, not ${inspect(value)}.`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function arrayOf(raw: unknown, name: string): readonly unknown[] {
  if (Array.isArray(raw)) return raw as readonly unknown[];
  throw new SdkAnswerError(`The ${name} of an orchestrator's answer must be an array.`);
}
