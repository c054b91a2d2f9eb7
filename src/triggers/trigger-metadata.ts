/**
 * What goes into the metadata of triggers, for binding expressions and `context.bindingData`: values that every trigger has, and
 * those that its JSON value adds. Mirrors SystemBindingData of the WebJobs SDK and Utility.ApplyBindingData of the Functions host.
 */
import { randomUUID } from 'node:crypto';
import { parseRecord } from '../base/json.ts';
import type { RpcTypedData } from '../function-app/rpc-typed-data.ts';

/** What classic functions see as `context.bindingData.sys`. */
export function systemMetadata(functionName: string, nowMs: number): RpcTypedData {
  return {
    json: JSON.stringify({
      MethodName: functionName,
      UtcNow: new Date(nowMs).toISOString(),
      RandGuid: randomUUID(),
    }),
  };
}

/** Top-level members of a JSON object, arrays and nulls left out; numbers and booleans in .NET's text form. */
export function jsonMembers(body: Uint8Array): readonly (readonly [string, RpcTypedData])[] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!looksLikeObject(text)) return [];
  const members: [string, RpcTypedData][] = [];
  // A body need not be JSON.
  for (const [name, value] of Object.entries(parseRecord(text.toString('utf8')) ?? {})) {
    if (value === null || Array.isArray(value)) continue;
    if (typeof value === 'object') members.push([name, { json: JSON.stringify(value) }]);
    else members.push([name, { string: toDotnetText(value as string | number | boolean) }]);
  }
  return members;
}

/** First and last byte that are no white space are braces: spares large uploads the parse. */
function looksLikeObject(body: Buffer): boolean {
  const isSpace = (byte: number | undefined): boolean => byte !== undefined && byte <= 0x20;
  let [start, end] = [0, body.length - 1];
  while (isSpace(body[start])) start++;
  while (isSpace(body[end])) end--;
  return body[start] === 0x7b && body[end] === 0x7d;
}

function toDotnetText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}
