/**
 * Restores the order of requests from one sender and drops duplicates, within a window of time: queues promise neither.
 * Mirrors MessageSorter; its JSON is part of an entity's stored state.
 *
 * It knows more than .NET's: the requests of a step that was run again, by their ids; the last few executions of a sender
 * instead of the latest alone, so that a message of an earlier one that comes again is no news; the lock requests that one
 * entity passes on to another; the locks that were released lately; and the latest requests without stamps, those of clients
 * and those that were sent for later, which would run again when they come again. That is in members of its JSON which the
 * .NET extension passes over.
 */
import { entityInstanceId } from './entity-id.ts';
import { isRecord, optionalText } from '../../base/json.ts';
import { formMark, withoutOldKeys } from './old-sorter-keys.ts';
import type { EntityRequest } from './request-message.ts';
import {
  inOrder,
  isNews,
  newSource,
  readSource,
  writeSource,
  type RequestSource,
} from './request-source.ts';
import { lastingId } from './request-id.ts';
import { ReleasedLocks } from './released-locks.ts';
import { SendStamps, type SendStamp } from './send-stamps.ts';
import { readSenders, recordsOf, writeSenders, type Senders } from './stored-senders.ts';
import { formatTicks, parseTicks, ticksOfMs, type Ticks } from './tick-time.ts';
import { UnstampedRequests } from './unstamped-requests.ts';

/** The horizons move only when they are this much behind, so that not every request changes the state. */
const MIN_ADVANCE: Ticks = ticksOfMs(10_000);
/** As many generations as a fast eternal orchestration may have in flight, and few enough to be stored with every batch. */
const MAX_EXECUTIONS = 8;

export class MessageSorter {
  readonly #window: Ticks;
  readonly #senders: Senders;
  /** What is known of the lock requests that come from an entity before in their lock set, by its instance id. */
  readonly #forwarded: Map<string, RequestSource>;
  readonly #released: ReleasedLocks;
  readonly #unstamped: UnstampedRequests;
  readonly #sent: SendStamps;
  /** A chain of their own: signals to the same entity must not wait for a lock request that receivers do not sort. */
  readonly #forwardedTo: SendStamps;
  #receiveHorizon: Ticks;
  #sendHorizon: Ticks;

  /**
   * @param stored the `sorter` member of a scheduler state.
   * @param windowMs 0 turns ordering off.
   * @param writer stands for the process: what another one had taken last may come again.
   * @throws {CorruptMessageError} when it holds a request that cannot be read.
   */
  constructor(stored: unknown, windowMs: number, writer = '') {
    const json = withoutOldKeys(isRecord(stored) ? stored : {});
    this.#window = ticksOfMs(windowMs);
    this.#senders = readSenders(json);
    this.#forwarded = new Map(
      recordsOf(json['Forwarded']).map(([entity, value]) => [entity, readSource(value)]),
    );
    this.#released = new ReleasedLocks(json['Released']);
    this.#unstamped = new UnstampedRequests(json['Unstamped'], this.#window, writer);
    this.#sent = SendStamps.fromJson(json['LastSentToInstance']);
    this.#forwardedTo = SendStamps.fromJson(json['LastForwardedTo']);
    this.#receiveHorizon = parseTicks(optionalText(json['ReceiveHorizon']));
    this.#sendHorizon = parseTicks(optionalText(json['SendHorizon']));
  }

  /** @returns what may be delivered now, in order: nothing, the request, or the request and some that waited for it. */
  receive(request: EntityRequest): EntityRequest[] {
    const timestamp = parseTicks(request.timestamp);
    if (timestamp === 0n || request.parentInstanceId === null)
      return this.receiveUnstamped(request);
    if (this.#window === 0n) return [request];
    const delivered = this.#advanceReceiveHorizon(timestamp);
    if (timestamp < this.#receiveHorizon) return [...delivered, request];

    const source = this.#sourceOf(request, delivered);
    if (timestamp <= source.last) return delivered;
    if (this.#mustWait(source, request)) {
      source.buffered.set(timestamp, request);
      return delivered;
    }
    if (isNews(source, request)) delivered.push(request);
    source.last = timestamp;
    this.#deliverReady(source, delivered);
    return delivered;
  }

  /** @returns the request, or nothing when it came before. */
  receiveUnstamped(request: EntityRequest): EntityRequest[] {
    return this.#window === 0n || this.#unstamped.receive(lastingId(request)) ? [request] : [];
  }

  /** Characters that it takes in memory and not in its JSON, about. */
  get unstoredLength(): number {
    return this.#unstamped.length;
  }

  /** All messages of a work item were received, and those of the one before are deleted: what came long ago is forgotten. */
  endDelivery(nowMs: number): void {
    this.#unstamped.endDelivery(nowMs);
  }

  /**
   * Remembers for a while that a lock request is over. Releases are not sorted: one may overtake its request.
   * @returns false when that is known already, and the release a duplicate.
   */
  noteRelease(lockRequestId: string, nowMs: number): boolean {
    if (this.#window === 0n) return true;
    if (this.wasReleased(lockRequestId)) return false;
    this.#released.add(lockRequestId, ticksOfMs(nowMs));
    return true;
  }

  wasReleased(lockRequestId: string): boolean {
    return this.#released.has(lockRequestId);
  }

  /** Stamps for a request that the entity sends; none when ordering is off. */
  stamp(target: string, nowMs: number): Partial<SendStamp> {
    return this.#stamp(this.#sent, target, nowMs);
  }

  /** The same for a lock request that it passes on. */
  stampForwarded(target: string, nowMs: number): Partial<SendStamp> {
    return this.#stamp(this.#forwardedTo, target, nowMs);
  }

  toJson(): Record<string, unknown> {
    const forwarded = [...this.#forwarded].map(([entity, source]) => [entity, writeSource(source)]);
    const json = {
      LastSentToInstance: this.#sent.toJson(),
      ...writeSenders(this.#senders),
      ReceiveHorizon: this.#receiveHorizon,
      SendHorizon: this.#sendHorizon,
      Forwarded: Object.fromEntries(forwarded) as Record<string, unknown>,
      LastForwardedTo: this.#forwardedTo.toJson(),
      Released: this.#released.toJson(),
      Unstamped: this.#unstamped.toJson(),
    };
    const members = Object.entries(json).flatMap(([name, value]) => {
      if (typeof value === 'bigint') return value === 0n ? [] : [[name, formatTicks(value)]];
      return Object.keys(value).length === 0 ? [] : [[name, value]];
    });
    return { ...(Object.fromEntries(members) as Record<string, unknown>), ...formMark(json) };
  }

  #stamp(chain: SendStamps, target: string, nowMs: number): Partial<SendStamp> {
    if (this.#window === 0n) return {};
    const now = ticksOfMs(nowMs);
    if (this.#sendHorizon + this.#window + MIN_ADVANCE < now) {
      this.#sendHorizon = now - this.#window;
      this.#sent.forgetBefore(this.#sendHorizon);
      this.#forwardedTo.forgetBefore(this.#sendHorizon);
    }
    return chain.next(target, nowMs);
  }

  #sourceOf(request: EntityRequest, delivered: EntityRequest[]): RequestSource {
    const { lockSet, position = 0, parentInstanceId, parentExecutionId } = request;
    // A lock request that was passed on names the orchestration that asked, but it comes from an entity.
    const previous = lockSet?.[position - 1];
    if (previous === undefined) {
      return this.#senderSource(parentInstanceId ?? '', parentExecutionId ?? '', delivered);
    }
    const entity = entityInstanceId(previous);
    const source = this.#forwarded.get(entity) ?? newSource('');
    this.#forwarded.set(entity, source);
    return source;
  }

  /** A new execution of a sender comes first; what the oldest one still waited for is delivered when it has to go. */
  #senderSource(sender: string, executionId: string, delivered: EntityRequest[]): RequestSource {
    const sources = this.#senders.get(sender) ?? [];
    this.#senders.set(sender, sources);
    const known = sources.find((source) => source.executionId === executionId);
    if (known) return known;
    const source = newSource(executionId);
    sources.unshift(source);
    for (const oldest of sources.splice(MAX_EXECUTIONS)) {
      delivered.push(...inOrder(oldest).map(([, request]) => request));
    }
    return source;
  }

  /** Whether a request that was sent before this one has not come yet, and still may. */
  #mustWait(source: RequestSource, request: EntityRequest): boolean {
    if (isForwarded(request)) return false;
    const predecessor = parseTicks(request.predecessor);
    return predecessor > source.last && predecessor >= this.#receiveHorizon;
  }

  #advanceReceiveHorizon(timestamp: Ticks): EntityRequest[] {
    const delivered: EntityRequest[] = [];
    if (this.#receiveHorizon + this.#window + MIN_ADVANCE >= timestamp) return delivered;
    this.#receiveHorizon = timestamp - this.#window;
    this.#released.forgetBefore(this.#receiveHorizon);
    for (const [sender, sources] of this.#senders) {
      const kept = sources.filter((source) => this.#isFresh(source, delivered));
      if (kept.length === 0) this.#senders.delete(sender);
      else this.#senders.set(sender, kept);
    }
    for (const [entity, source] of this.#forwarded) {
      if (!this.#isFresh(source, delivered)) this.#forwarded.delete(entity);
    }
    return delivered;
  }

  /** Whether anything is left of a source behind the horizon; what need not wait any more is delivered. */
  #isFresh(source: RequestSource, delivered: EntityRequest[]): boolean {
    if (source.last < this.#receiveHorizon) source.last = 0n;
    this.#deliverReady(source, delivered);
    return source.last !== 0n || source.buffered.size > 0;
  }

  #deliverReady(source: RequestSource, delivered: EntityRequest[]): void {
    for (const [timestamp, request] of inOrder(source)) {
      if (this.#mustWait(source, request)) return;
      source.buffered.delete(timestamp);
      if (timestamp > source.last && timestamp >= this.#receiveHorizon) source.last = timestamp;
      if (isNews(source, request)) delivered.push(request);
    }
  }
}

function isForwarded(request: EntityRequest): boolean {
  return (request.position ?? 0) > 0;
}
