/**
 * How the sorter stores what it knows of senders. `ReceivedFromInstance` is the .NET extension's and holds senders alone, each
 * with the execution that came up last. What .NET has no place for is in members of our own, which it passes over: else a key
 * of ours could be the id of an instance, which orchestrators choose almost as they like.
 *
 * Requests of earlier executions that wait are with those of the latest one: .NET delivers them in its time, too.
 */
import { isRecord } from '../../base/json.ts';
import type { EntityRequest } from './request-message.ts';
import {
  inOrder,
  newSource,
  readSource,
  writeSource,
  type RequestSource,
} from './request-source.ts';
import { parseTicks, type Ticks } from './tick-time.ts';

/** What is known of each sender, by its instance id; the execution that came up last is first. */
export type Senders = Map<string, RequestSource[]>;

/** @param json `sorter` of a scheduler state, in the form of today. */
export function readSenders(json: Readonly<Record<string, unknown>>): Senders {
  const senders: Senders = new Map();
  for (const [sender, value] of recordsOf(json['ReceivedFromInstance'])) {
    senders.set(sender, [readSource(value)]);
  }
  const earlier = Object.entries(isRecord(json['Earlier']) ? json['Earlier'] : {});
  for (const [sender, list] of earlier) {
    const sources = (Array.isArray(list) ? list : []).filter(isRecord).map(readSource);
    senders.set(sender, [...(senders.get(sender) ?? []), ...sources]);
  }
  for (const sources of senders.values()) takeApart(sources);
  return senders;
}

export function writeSenders(
  senders: Senders,
): Record<'ReceivedFromInstance' | 'Earlier', Record<string, unknown>> {
  const received: [string, unknown][] = [];
  const earlier: [string, unknown][] = [];
  for (const [sender, [latest, ...others]] of senders) {
    if (latest === undefined) continue;
    received.push([sender, writeSource({ ...latest, buffered: allBuffered([latest, ...others]) })]);
    const withoutBuffered = others.map((source) => ({ ...source, buffered: new Map() }));
    if (others.length > 0) earlier.push([sender, withoutBuffered.map(writeSource)]);
  }
  return {
    ReceivedFromInstance: Object.fromEntries(received),
    Earlier: Object.fromEntries(earlier),
  };
}

/** Gives the requests that the latest execution keeps for the others back to them. */
function takeApart(sources: RequestSource[]): void {
  const [latest] = sources;
  if (latest === undefined) return;
  for (const [time, request] of inOrder(latest)) {
    const executionId = request.parentExecutionId ?? '';
    if (executionId === latest.executionId) continue;
    latest.buffered.delete(time);
    let source = sources.find((other) => other.executionId === executionId);
    if (source === undefined) {
      source = newSource(executionId);
      sources.push(source);
    }
    source.buffered.set(parseTicks(request.timestamp), request);
  }
}

/** Two executions may have asked at the same time: the keys only have to differ, the stamp is in the request too. */
function allBuffered(sources: readonly RequestSource[]): RequestSource['buffered'] {
  const all: Map<Ticks, EntityRequest> = new Map();
  for (const [stamp, request] of sources.flatMap(inOrder)) {
    let key = stamp;
    while (all.has(key)) key += 1n;
    all.set(key, request);
  }
  return all;
}

export function recordsOf(value: unknown): [key: string, value: Record<string, unknown>][] {
  return Object.entries(isRecord(value) ? value : {}).flatMap(([key, member]) =>
    isRecord(member) ? [[key, member]] : [],
  );
}
