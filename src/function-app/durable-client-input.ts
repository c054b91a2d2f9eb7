/**
 * The `durableClient` binding, and `orchestrationClient`, its name of version 1: as an input the urls by which the SDK's client
 * reaches the task hub, as an output orchestrations to start. Mirrors BindingHelper and OrchestrationClientAsyncCollector.
 */
import { InvalidInputError } from '../core/errors.ts';
import type { BindingExtension } from './binding-extension.ts';
import { describeThrown } from './failure-text.ts';
import type { BindingInfo } from './function-declaration.ts';
import { liveData, type RpcTypedData, toValue } from './rpc-typed-data.ts';

/** In lower case; the second one is that of version 1. */
const CLIENT_TYPES: readonly string[] = ['durableclient', 'orchestrationclient'];

/** Whether a binding of this type, in any case, is a client. */
export function isClientType(type: unknown): boolean {
  return typeof type === 'string' && CLIENT_TYPES.includes(type.toLowerCase());
}

/** The value that the SDKs take for a client; `http/management` makes it. All urls must be strings. */
export interface DurableClientData {
  readonly taskHubName: string;
  readonly creationUrls: object;
  readonly managementUrls: object;
  readonly baseUrl: string;
  readonly requiredQueryStringParameters: string;
  readonly rpcBaseUrl: string | null;
}

export interface StartRequest {
  readonly functionName: string;
  /** JSON text, or null. */
  readonly input: string | null;
  readonly instanceId?: string;
}

/** Who needs only the values can have them without a function. */
export interface DurableClientBinding extends BindingExtension {
  read(binding: BindingInfo): Promise<RpcTypedData>;
  write(binding: BindingInfo, value: RpcTypedData): Promise<void>;
}

export function durableClientBinding(options: {
  /** For the binding's own `taskHub` and `connectionName`, if it has them. @throws {Error} if they cannot be served. */
  clientData(binding: BindingInfo): DurableClientData;
  /** Whether these data do more than their JSON text can say. @default false */
  readonly isLive?: boolean;
  start(request: StartRequest, binding: BindingInfo): Promise<void>;
}): DurableClientBinding {
  return {
    types: CLIENT_TYPES,
    supports(binding) {
      try {
        options.clientData(binding);
        return undefined;
      } catch (error) {
        return describeThrown(error).message;
      }
    },
    read: (binding) => {
      const data = options.clientData(binding);
      return Promise.resolve(
        options.isLive === true ? liveData(data) : { json: JSON.stringify(data) },
      );
    },
    async write(binding, value) {
      for (const request of parseStartRequests(value, binding.name)) {
        await options.start(request, binding);
      }
    },
  };
}

/**
 * One object, an array of them, or the JSON text of either; '' and null start nothing.
 * @throws {InvalidInputError} for anything else.
 */
export function parseStartRequests(value: RpcTypedData, bindingName: string): StartRequest[] {
  const parsed = parseText(toValue(value), bindingName);
  if (parsed === undefined || parsed === null) return [];
  const items: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return items.flatMap((item) => {
    const member = parseText(item, bindingName);
    return member === undefined || member === null ? [] : [parseStartRequest(member, bindingName)];
  });
}

function parseText(value: unknown, bindingName: string): unknown {
  const text = Buffer.isBuffer(value) ? value.toString('utf8') : value;
  if (typeof text !== 'string') return text;
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InvalidInputError(
      `The output binding '${bindingName}' starts orchestrations: its text must be JSON such as {"FunctionName":"Name","Input":1}. ${describeThrown(error).message}`,
      { cause: error },
    );
  }
}

function parseStartRequest(item: unknown, bindingName: string): StartRequest {
  const members = new Map(
    Object.entries(typeof item === 'object' && item !== null ? item : {}).map(([name, member]) => [
      name.toLowerCase(),
      member as unknown,
    ]),
  );
  const functionName = members.get('functionname');
  const instanceId = members.get('instanceid');
  if (typeof functionName !== 'string' || functionName === '') {
    throw new InvalidInputError(
      `The output binding '${bindingName}' starts orchestrations: each value must have a FunctionName.`,
    );
  }
  return {
    functionName,
    input: members.get('input') === undefined ? null : JSON.stringify(members.get('input')),
    ...(typeof instanceId === 'string' && instanceId !== '' ? { instanceId } : {}),
  };
}
