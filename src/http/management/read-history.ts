/**
 * GET /instances/{instanceId}/history: the events as they are stored, for tools: with ids and episodes, which GET /instances/{id} leaves
 * out. Ours. A call reads the whole history of the instance, and answers with a part of it.
 */
import { shortened } from '../../base/shortened.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { findOwnHistory } from './own-history.ts';
import { countIn, FIRST } from './own-query.ts';
import { notModified } from './tagged-answer.ts';

const DEFAULT_EVENTS = 1_000;
const MAX_EVENTS = 5_000;
const UNCUT = { max: 0x7fffffff, otherwise: Infinity };
/** Members that hold what somebody else has written, as a text of any length. */
const PAYLOADS: ReadonlySet<string> = new Set(['Input', 'Result', 'Data', 'Details', 'Reason']);

export async function readHistory(call: OperationCall): Promise<Response> {
  const { client, query } = call;
  const from = countIn(query, 'from', FIRST);
  const top = countIn(query, 'top', { max: MAX_EVENTS, otherwise: DEFAULT_EVENTS });
  const maxLength = countIn(query, 'maxPayloadLength', UNCUT);
  const record = await client.findStatus(call.segment('instanceId'), {
    input: false,
    output: false,
  });
  if (!record) return emptyResponse(404);
  const { executionId, lastUpdatedTime, runtimeStatus } = record;
  const events = (await findOwnHistory(client, record)) ?? [];
  const latest = events.at(-1)?.Timestamp;
  const etag = `"${[executionId, runtimeStatus, lastUpdatedTime, events.length, latest].join(' ')}"`;
  const known = notModified(call, etag);
  if (known !== undefined) return known;
  const part = events.slice(from, from + top).map((event) => withShortPayloads(event, maxLength));
  const body = { executionId, total: events.length, from, events: part };
  return jsonResponse(200, JSON.stringify(body), { etag, 'cache-control': 'no-cache' });
}

/** Payloads that are longer end in `…`. */
function withShortPayloads(event: HistoryEvent, maxLength: number): object {
  const members = Object.entries(event).map(([name, value]: [string, unknown]) => {
    const isPayload = PAYLOADS.has(name) && typeof value === 'string';
    return [name, isPayload ? shortened(value, maxLength) : value] as const;
  });
  return Object.fromEntries(members);
}
