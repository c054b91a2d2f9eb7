/**
 * The sorter's state as earlier versions stored it: what is not of a sender was an entry of `ReceivedFromInstance`, under a
 * key that an orchestration could have as its id. Entities that were stored then are understood still.
 */
import { optionalText } from '../../base/json.ts';
import { recordsOf } from './stored-senders.ts';

type Json = Readonly<Record<string, unknown>>;

const RELEASED = '#released';
const UNSTAMPED = '#unstamped';
const LOCK = '#lock';
/** Stands in states whose senders have such ids: there they are ids. */
const CURRENT = { Version: 2 };

/** @returns `sorter` of a scheduler state in the form of today. */
export function withoutOldKeys(json: Json): Json {
  const received = recordsOf(json['ReceivedFromInstance']);
  const sent = Object.entries(json['LastSentToInstance'] ?? {});
  if (json['Version'] === CURRENT.Version) return json;
  if (![...received, ...sent].some(([key]) => key.includes('#'))) return json;
  const senders: [string, unknown][] = [];
  const earlier = new Map<string, unknown[]>();
  const forwarded: [string, unknown][] = [];
  const released: [string, unknown][] = [];
  const unstamped: Json[] = [];
  for (const [key, value] of received) {
    const executionId = optionalText(value['ExecutionId']) ?? '';
    if (isKeyOf(RELEASED, key)) released.unshift([executionId, value['Last']]);
    else if (isKeyOf(UNSTAMPED, key)) unstamped.push(value);
    else if (isForwardKey(key) && executionId === '') {
      forwarded.push([withoutEnd(key, LOCK), value]);
    } else if (executionId !== '' && key.endsWith(`#${executionId}`)) {
      const sender = withoutEnd(key, `#${executionId}`);
      earlier.set(sender, [...(earlier.get(sender) ?? []), value]);
    } else senders.push([key, value]);
  }
  const isForward = ([key]: readonly [string, unknown]): boolean => isForwardKey(key);
  return {
    ...json,
    LastSentToInstance: Object.fromEntries(sent.filter((entry) => !isForward(entry))),
    LastForwardedTo: Object.fromEntries(
      sent.filter(isForward).map(([key, time]) => [withoutEnd(key, LOCK), time]),
    ),
    ReceivedFromInstance: Object.fromEntries(senders),
    Earlier: Object.fromEntries(earlier),
    Forwarded: Object.fromEntries(forwarded),
    Released: Object.fromEntries(released),
    Unstamped: toUnstamped(unstamped),
  };
}

/** @param json in the form of today. @returns the mark that makes it taken for that. */
export function formMark(
  json: Readonly<Record<'ReceivedFromInstance' | 'LastSentToInstance', object>>,
): Json {
  const keys = [json.ReceivedFromInstance, json.LastSentToInstance].flatMap(Object.keys);
  return keys.some((key) => key.includes('#')) ? CURRENT : {};
}

/** Of the newest list, and those that other processes had stored. */
function toUnstamped([newest, ...inherited]: readonly Json[]): Json {
  return {
    Ids: newest?.['ExecutionId'],
    Writer: newest?.['Writer'],
    Inherited: inherited.map((list) => ({ Found: list['Last'], Ids: list['ExecutionId'] })),
  };
}

function isKeyOf(kind: string, key: string): boolean {
  return key === kind || key.startsWith(`${kind}#`);
}

function isForwardKey(key: string): boolean {
  return key.startsWith('@') && key.endsWith(LOCK);
}

function withoutEnd(key: string, end: string): string {
  return key.slice(0, -end.length);
}
