/**
 * Restores the order of requests from one sender and drops duplicates, within a window of time: queues promise neither.
 * Mirrors MessageSorter.ReceiveInOrder; its JSON is part of an entity's stored state.
 */
import { isRecord, optionalText } from './json-record.ts';
import { requestFromJson, requestToJson, type EntityRequest } from './request-message.ts';
import { SendStamps } from './send-stamps.ts';
import { formatTicks, parseTicks, ticksOfMs, type Ticks } from './tick-time.ts';

interface Source {
  /** The stamp of the last request delivered. */
  last: Ticks;
  executionId: string | undefined;
  /** Requests whose predecessor has not come, by stamp. */
  readonly buffered: Map<Ticks, EntityRequest>;
}

/** The horizon moves only when it is this much behind, so that not every request changes the state. */
const MIN_ADVANCE: Ticks = ticksOfMs(10_000);

export class MessageSorter {
  readonly #window: Ticks;
  readonly #sources = new Map<string, Source>();
  readonly #sent: SendStamps;
  #receiveHorizon: Ticks = 0n;
  #sendHorizon: Ticks = 0n;

  /** @param stored the `sorter` member of a scheduler state. @param windowMs 0 turns ordering off. */
  constructor(stored: unknown, windowMs: number) {
    this.#window = ticksOfMs(windowMs);
    const json = isRecord(stored) ? stored : {};
    this.#receiveHorizon = parseTicks(optionalText(json['ReceiveHorizon']));
    this.#sendHorizon = parseTicks(optionalText(json['SendHorizon']));
    const sent = isRecord(json['LastSentToInstance']) ? json['LastSentToInstance'] : {};
    this.#sent = new SendStamps(
      Object.entries(sent).map(([target, time]) => [target, parseTicks(optionalText(time))]),
    );
    const received = isRecord(json['ReceivedFromInstance']) ? json['ReceivedFromInstance'] : {};
    for (const [source, value] of Object.entries(received)) {
      if (isRecord(value)) this.#sources.set(source.toLowerCase(), readSource(value));
    }
  }

  /** @returns what may be delivered now, in order: nothing, the request, or the request and some that waited for it. */
  receive(request: EntityRequest): EntityRequest[] {
    const timestamp = parseTicks(request.timestamp);
    const { parentInstanceId } = request;
    if (this.#window === 0n || timestamp === 0n || parentInstanceId === null) return [request];
    if ((request.position ?? 0) > 0) return [request];
    const delivered = this.#advanceHorizon(timestamp);
    if (timestamp < this.#receiveHorizon) return [...delivered, request];

    const source = this.#source(parentInstanceId);
    if (source.executionId !== (request.parentExecutionId ?? undefined)) {
      delivered.push(...[...source.buffered.values()]);
      source.buffered.clear();
      source.last = 0n;
      source.executionId = request.parentExecutionId ?? undefined;
    }
    if (timestamp <= source.last) return delivered;
    const predecessor = parseTicks(request.predecessor);
    if (predecessor > source.last && predecessor >= this.#receiveHorizon) {
      source.buffered.set(timestamp, request);
      return delivered;
    }
    delivered.push(request);
    source.last = timestamp;
    this.#deliverReady(source, delivered);
    return delivered;
  }

  /** Stamps for a request that the entity sends. */
  stamp(targetInstanceId: string, nowMs: number): ReturnType<SendStamps['next']> {
    return this.#sent.next(targetInstanceId, nowMs);
  }

  toJson(): Record<string, unknown> {
    const sent = [...this.#sent.entries()].map(([target, time]) => [target, formatTicks(time)]);
    const received = [...this.#sources].map(([source, value]) => [source, writeSource(value)]);
    return {
      ...(sent.length === 0 ? {} : { LastSentToInstance: Object.fromEntries(sent) as unknown }),
      ...(received.length === 0
        ? {}
        : { ReceivedFromInstance: Object.fromEntries(received) as unknown }),
      ...(this.#receiveHorizon === 0n ? {} : { ReceiveHorizon: formatTicks(this.#receiveHorizon) }),
      ...(this.#sendHorizon === 0n ? {} : { SendHorizon: formatTicks(this.#sendHorizon) }),
    };
  }

  #source(instanceId: string): Source {
    const key = instanceId.toLowerCase();
    let source = this.#sources.get(key);
    if (!source) {
      source = { last: 0n, executionId: undefined, buffered: new Map() };
      this.#sources.set(key, source);
    }
    return source;
  }

  #advanceHorizon(timestamp: Ticks): EntityRequest[] {
    const delivered: EntityRequest[] = [];
    if (this.#receiveHorizon + this.#window + MIN_ADVANCE >= timestamp) return delivered;
    this.#receiveHorizon = timestamp - this.#window;
    for (const [key, source] of this.#sources) {
      if (source.last < this.#receiveHorizon) source.last = 0n;
      this.#deliverReady(source, delivered);
      if (source.last === 0n && source.buffered.size === 0) this.#sources.delete(key);
    }
    return delivered;
  }

  #deliverReady(source: Source, delivered: EntityRequest[]): void {
    const waiting = [...source.buffered].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [timestamp, request] of waiting) {
      const predecessor = parseTicks(request.predecessor);
      if (predecessor > source.last && predecessor >= this.#receiveHorizon) return;
      source.buffered.delete(timestamp);
      source.last = timestamp > source.last ? timestamp : source.last;
      delivered.push(request);
    }
  }
}

function readSource(value: Record<string, unknown>): Source {
  const buffered = isRecord(value['Buffered']) ? value['Buffered'] : {};
  return {
    last: parseTicks(optionalText(value['Last'])),
    executionId: optionalText(value['ExecutionId']),
    buffered: new Map(
      Object.entries(buffered).map(([time, request]) => [
        parseTicks(time),
        requestFromJson(request),
      ]),
    ),
  };
}

function writeSource(source: Source): Record<string, unknown> {
  const buffered = [...source.buffered].map(([time, request]) => [
    formatTicks(time),
    requestToJson(request),
  ]);
  return {
    ...(source.last === 0n ? {} : { Last: formatTicks(source.last) }),
    ...(source.executionId === undefined ? {} : { ExecutionId: source.executionId }),
    ...(buffered.length === 0 ? {} : { Buffered: Object.fromEntries(buffered) as unknown }),
  };
}
