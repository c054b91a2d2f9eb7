/**
 * Restores the order of requests from one sender and drops duplicates, within a window of time: queues promise neither.
 * Mirrors MessageSorter; its JSON is part of an entity's stored state.
 *
 * It knows more than .NET's, in the same JSON: the requests of a step that was run again, by their ids; the last few
 * executions of a sender instead of the latest alone, so that a message of an earlier one that comes again is no news; the
 * lock requests that one entity passes on to another; the locks that were released lately; and the latest requests without
 * stamps, those of clients and those that were sent for later, which would run again when they come again after a crash. They
 * have entries of their own, whose keys no instance id equals; the .NET extension lets them expire.
 */
import { entityInstanceId } from './entity-id.ts';
import { isRecord, optionalText } from '../../base/json-record.ts';
import type { EntityRequest } from './request-message.ts';
import { inOrder, isNews, readSource, writeSource, type RequestSource } from './request-source.ts';
import { SendStamps } from './send-stamps.ts';
import { formatTicks, parseTicks, ticksOfMs, type Ticks } from './tick-time.ts';
import { UnstampedRequests } from './unstamped-requests.ts';

/** The horizons move only when they are this much behind, so that not every request changes the state. */
const MIN_ADVANCE: Ticks = ticksOfMs(10_000);
/** As many generations as a fast eternal orchestration may have in flight, and few enough to be stored with every batch. */
const MAX_EXECUTIONS = 8;
/** The "sender" whose executions are lock requests that need no lock any more. */
const RELEASED = '#released';
const MAX_RELEASED = 16;

export class MessageSorter {
  readonly #window: Ticks;
  /** By sender; the execution that came up last is first. */
  readonly #sources = new Map<string, RequestSource[]>();
  readonly #sent: SendStamps;
  readonly #unstamped: UnstampedRequests;
  #receiveHorizon: Ticks = 0n;
  #sendHorizon: Ticks = 0n;

  /**
   * @param stored the `sorter` member of a scheduler state.
   * @param windowMs 0 turns ordering off.
   * @param writer stands for the process: what another one had taken last may come again.
   * @throws {CorruptMessageError} when it holds a request that cannot be read.
   */
  constructor(stored: unknown, windowMs: number, writer = '') {
    this.#window = ticksOfMs(windowMs);
    const json = isRecord(stored) ? stored : {};
    this.#receiveHorizon = parseTicks(optionalText(json['ReceiveHorizon']));
    this.#sendHorizon = parseTicks(optionalText(json['SendHorizon']));
    const sent = isRecord(json['LastSentToInstance']) ? json['LastSentToInstance'] : {};
    this.#sent = new SendStamps(
      Object.entries(sent).map(([target, time]) => [target, parseTicks(optionalText(time))]),
    );
    const entries = Object.entries(
      isRecord(json['ReceivedFromInstance']) ? json['ReceivedFromInstance'] : {},
    );
    const unstamped = entries.filter(([key]) => UnstampedRequests.isEntry(key));
    this.#unstamped = new UnstampedRequests(Object.fromEntries(unstamped), this.#window, writer);
    for (const [key, value] of entries) {
      if (!isRecord(value) || UnstampedRequests.isEntry(key)) continue;
      const source = readSource(value);
      this.#sourcesOf(senderOfKey(key, source)).push(source);
    }
  }

  /** @returns what may be delivered now, in order: nothing, the request, or the request and some that waited for it. */
  receive(request: EntityRequest): EntityRequest[] {
    const timestamp = parseTicks(request.timestamp);
    const sender = senderOf(request);
    if (timestamp === 0n || sender === null) return this.receiveUnstamped(request);
    if (this.#window === 0n) return [request];
    const delivered = this.#advanceReceiveHorizon(timestamp);
    if (timestamp < this.#receiveHorizon) return [...delivered, request];

    const executionId = isForwarded(request) ? '' : (request.parentExecutionId ?? '');
    const source = this.#source(sender, executionId, delivered);
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
    return this.#window === 0n || this.#unstamped.receive(request.id) ? [request] : [];
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
    const released = this.#sourcesOf(RELEASED);
    const last = ticksOfMs(nowMs);
    released.unshift({ last, executionId: lockRequestId, buffered: new Map(), recent: [] });
    released.splice(MAX_RELEASED);
    return true;
  }

  wasReleased(lockRequestId: string): boolean {
    const released = this.#sources.get(RELEASED) ?? [];
    return released.some(({ executionId }) => executionId === lockRequestId);
  }

  /** Stamps for a request that the entity sends; none when ordering is off. */
  stamp(
    target: string,
    nowMs: number,
  ): { readonly timestamp?: string; readonly predecessor?: string } {
    if (this.#window === 0n) return {};
    const now = ticksOfMs(nowMs);
    if (this.#sendHorizon + this.#window + MIN_ADVANCE < now) {
      this.#sendHorizon = now - this.#window;
      this.#sent.forgetBefore(this.#sendHorizon);
    }
    return this.#sent.next(target, nowMs);
  }

  toJson(): Record<string, unknown> {
    const sent = [...this.#sent.entries()].map(([target, time]) => [target, formatTicks(time)]);
    const sources = [...this.#sources].flatMap(([sender, executions]) =>
      executions.map((source, index) => [
        index === 0 ? sender : keyOfEarlier(sender, source.executionId),
        writeSource(source),
      ]),
    );
    const received: Record<string, unknown> = {
      ...(Object.fromEntries(sources) as Record<string, unknown>),
      ...this.#unstamped.toJson(),
    };
    return {
      ...(sent.length === 0 ? {} : { LastSentToInstance: Object.fromEntries(sent) as unknown }),
      ...(Object.keys(received).length === 0 ? {} : { ReceivedFromInstance: received }),
      ...(this.#receiveHorizon === 0n ? {} : { ReceiveHorizon: formatTicks(this.#receiveHorizon) }),
      ...(this.#sendHorizon === 0n ? {} : { SendHorizon: formatTicks(this.#sendHorizon) }),
    };
  }

  #sourcesOf(sender: string): RequestSource[] {
    let sources = this.#sources.get(sender);
    if (!sources) {
      sources = [];
      this.#sources.set(sender, sources);
    }
    return sources;
  }

  /** A new execution of a sender comes first; what the oldest one still waited for is delivered when it has to go. */
  #source(sender: string, executionId: string, delivered: EntityRequest[]): RequestSource {
    const sources = this.#sourcesOf(sender);
    const known = sources.find((source) => source.executionId === executionId);
    if (known) return known;
    const source: RequestSource = { last: 0n, executionId, buffered: new Map(), recent: [] };
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
    for (const [sender, sources] of this.#sources) {
      const kept = sources.filter((source) => {
        if (source.last < this.#receiveHorizon) source.last = 0n;
        this.#deliverReady(source, delivered);
        return source.last !== 0n || source.buffered.size > 0;
      });
      if (kept.length === 0) this.#sources.delete(sender);
      else this.#sources.set(sender, kept);
    }
    return delivered;
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

/** Under which name an entity stamps the lock requests that it passes on to another. `#` is in no id that a client may choose. */
export function forwardChain(entityInstanceId: string): string {
  return `${entityInstanceId}#lock`;
}

/** A forwarded lock request names the orchestration that asked, but it comes from the entity before in the lock set. */
function senderOf(request: EntityRequest): string | null {
  const { lockSet, position = 0, parentInstanceId } = request;
  const previous = lockSet?.[position - 1];
  return previous ? forwardChain(entityInstanceId(previous)) : parentInstanceId;
}

function isForwarded(request: EntityRequest): boolean {
  return (request.position ?? 0) > 0;
}

function keyOfEarlier(sender: string, executionId: string): string {
  return `${sender}#${executionId}`;
}

function senderOfKey(key: string, { executionId }: RequestSource): string {
  const suffix = keyOfEarlier('', executionId);
  return executionId !== '' && key.endsWith(suffix) ? key.slice(0, -suffix.length) : key;
}
