/** One instance as the API shows it. Mirrors HttpApiHandler.ConvertFrom (StatusResponsePayload). */
import type { InstanceRecord } from '../../core/instance-status.ts';
import { embedPayload, jsonObject, type JsonText } from '../../base/json-text.ts';

export interface StatusJsonOptions {
  readonly showInput: boolean;
  /** Of `historyJson`; the member is left out when undefined. */
  readonly historyEvents?: JsonText | undefined;
  /** Adds them as `history` too: SDK 3.x reads that member, which .NET does not write. @default false */
  readonly repeatsHistory?: boolean;
}

export function statusJson(record: InstanceRecord, options: StatusJsonOptions): JsonText {
  return jsonObject([
    ['name', JSON.stringify(record.name)],
    ...unlessEmpty('version', record.version),
    ['instanceId', JSON.stringify(record.instanceId)],
    ...unlessEmpty('parentInstanceId', record.parentInstanceId),
    ['runtimeStatus', JSON.stringify(record.runtimeStatus)],
    ['input', options.showInput ? embedPayload(record.input) : 'null'],
    ['customStatus', embedPayload(record.customStatus)],
    ['output', embedPayload(record.output)],
    ['createdTime', JSON.stringify(toSeconds(record.createdTime))],
    ['lastUpdatedTime', JSON.stringify(toSeconds(record.lastUpdatedTime))],
    ...historyMembers(options),
  ]);
}

function unlessEmpty(name: string, value: string | null) {
  return value === null || value === '' ? [] : [[name, JSON.stringify(value)] as const];
}

function historyMembers({ historyEvents, repeatsHistory }: StatusJsonOptions) {
  if (historyEvents === undefined) return [];
  const names = repeatsHistory === true ? ['historyEvents', 'history'] : ['historyEvents'];
  return names.map((name) => [name, historyEvents] as const);
}

/** Fractions of a second are cut off, as .NET's format `s` does. @param time ISO 8601, UTC. */
function toSeconds(time: string): string {
  return time.replace(/\.\d+(?=Z$)/, '');
}
