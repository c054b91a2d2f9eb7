/**
 * What goes into the metadata of every trigger, for binding expressions and `context.bindingData`: what the trigger itself says,
 * what all functions have, and what a JSON value of the trigger adds. Mirrors SystemBindingData of the WebJobs SDK and
 * Utility.ApplyBindingData of the Functions host.
 */
import { randomUUID } from 'node:crypto';
import { CaseInsensitiveMap } from '../base/case-insensitive-map.ts';
import { isRecord, parseRecord } from '../base/json.ts';
import type { TriggerMetadata } from './binding-extension.ts';
import type { RpcTypedData } from './rpc-typed-data.ts';

export interface TriggerSaying {
  readonly functionName: string;
  /** What the trigger itself says. */
  readonly own: TriggerMetadata;
  /** The trigger's value: an object, or a text that may be one in JSON; of anything else no members are taken. */
  readonly value: unknown;
}

/** Names ignore case: a member of the value takes the place of what the trigger itself says, as under the Functions host. */
export function completeMetadata({ functionName, own, value }: TriggerSaying): TriggerMetadata {
  const metadata = new CaseInsensitiveMap<RpcTypedData>(Object.entries(own));
  metadata.set('sys', systemMetadata(functionName));
  for (const [name, data] of membersOf(value)) metadata.set(name, data);
  return Object.fromEntries(metadata.entries());
}

/** Top-level members of a JSON object, arrays and nulls left out; numbers and booleans in .NET's text form. */
export function jsonMembers(body: Uint8Array): readonly (readonly [string, RpcTypedData])[] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return looksLikeObject(text) ? membersOf(text.toString('utf8')) : [];
}

function membersOf(value: unknown): readonly (readonly [string, RpcTypedData])[] {
  // A text need not be JSON.
  const object = typeof value === 'string' && OBJECT.test(value) ? parseRecord(value) : value;
  if (!isRecord(object)) return [];
  const members: [string, RpcTypedData][] = [];
  for (const [name, member] of Object.entries(object)) {
    const data = memberData(member);
    if (data !== undefined) members.push([name, data]);
  }
  return members;
}

function memberData(value: unknown): RpcTypedData | undefined {
  switch (typeof value) {
    case 'string':
      return textData(value);
    case 'number':
      return { string: String(value) };
    case 'boolean':
      return textData(value ? 'True' : 'False');
    case 'object':
      return value === null || Array.isArray(value) ? undefined : { json: JSON.stringify(value) };
    default:
      return undefined;
  }
}

/**
 * A text, which the programming models parse if it is JSON. Of one that certainly is not (an instance id, mostly) they would learn
 * by an exception, and that costs more than all else that they do with it.
 */
function textData(text: string): RpcTypedData {
  return MAY_BE_JSON.test(text) ? { string: text } : { json: JSON.stringify(text) };
}

const MAY_BE_JSON = /^\s*(?:["{[]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$|(?:true|false|null)\s*$)/;

/** What classic functions see as `context.bindingData.sys`. */
function systemMetadata(functionName: string): RpcTypedData {
  return {
    json: JSON.stringify({
      MethodName: functionName,
      UtcNow: new Date().toISOString(),
      RandGuid: randomUUID(),
    }),
  };
}

const OBJECT = /^\s*\{[\s\S]*\}\s*$/;

/** First and last byte that are no white space are braces: spares large uploads the parse. */
function looksLikeObject(body: Buffer): boolean {
  const isSpace = (byte: number | undefined): boolean => byte !== undefined && byte <= 0x20;
  let [start, end] = [0, body.length - 1];
  while (isSpace(body[start])) start++;
  while (isSpace(body[end])) end--;
  return body[start] === 0x7b && body[end] === 0x7d;
}
