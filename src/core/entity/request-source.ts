/**
 * What an entity remembers of the requests of one execution of one sender. Its JSON is that of MessageSorter's ReceiveBuffer,
 * with one member more, which the .NET extension passes over.
 */
import { isRecord, optionalText } from '../../base/json.ts';
import { isStepId, lastingId } from './request-id.ts';
import { requestFromJson, requestToJson, type EntityRequest } from './request-message.ts';
import { formatTicks, parseTicks, type Ticks } from './tick-time.ts';

export interface RequestSource {
  /** The stamp of the last request delivered. */
  last: Ticks;
  /** '' for senders that have none: entities. */
  readonly executionId: string;
  /** Requests whose predecessor has not come, by stamp. */
  readonly buffered: Map<Ticks, EntityRequest>;
  /** The first digits of the step ids of the latest requests, those that a step which is run again sends again with new stamps. */
  readonly recent: string[];
}

/** Enough for what one step of an orchestration asks of one entity, unless that is very much. */
const MAX_RECENT = 256;

export function newSource(executionId: string): RequestSource {
  return { last: 0n, executionId, buffered: new Map(), recent: [] };
}

/** Whether a request that may be delivered now was not delivered before, under other stamps; remembers it. */
export function isNews({ recent }: RequestSource, request: EntityRequest): boolean {
  const id = lastingId(request);
  if (!isStepId(id)) return true;
  const digits = id.slice(0, 8) + id.slice(9, 13);
  if (recent.includes(digits)) return false;
  recent.push(digits);
  if (recent.length > MAX_RECENT) recent.shift();
  return true;
}

/** By stamp. */
export function inOrder(source: RequestSource): [Ticks, EntityRequest][] {
  return [...source.buffered].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function readSource(value: Record<string, unknown>): RequestSource {
  const buffered = isRecord(value['Buffered']) ? value['Buffered'] : {};
  return {
    last: parseTicks(optionalText(value['Last'])),
    executionId: optionalText(value['ExecutionId']) ?? '',
    buffered: new Map(
      Object.entries(buffered).map(([time, request]) => [
        parseTicks(time),
        requestFromJson(request),
      ]),
    ),
    recent: (optionalText(value['Recent']) ?? '').split(' ').filter((digits) => digits !== ''),
  };
}

export function writeSource(source: RequestSource): Record<string, unknown> {
  const buffered = inOrder(source).map(([time, request]) => [
    formatTicks(time),
    requestToJson(request),
  ]);
  return {
    ...(source.last === 0n ? {} : { Last: formatTicks(source.last) }),
    ...(source.executionId === '' ? {} : { ExecutionId: source.executionId }),
    ...(buffered.length === 0 ? {} : { Buffered: Object.fromEntries(buffered) as unknown }),
    ...(source.recent.length === 0 ? {} : { Recent: source.recent.join(' ') }),
  };
}
