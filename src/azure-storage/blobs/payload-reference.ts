/**
 * Large inputs and outputs in the Instances table: the column holds the URL of the blob in which the start message or the
 * history row keeps the text. Mirrors SetInstancesTablePropertyFromHistoryProperty and FetchLargeMessageIfNecessary.
 */
import { CorruptMessageError } from '../../core/errors.ts';
import { readObject, readValue } from '../data-contract/contract-reader.ts';
import type { Row } from '../tables/row.ts';
import type { LargePayloads } from './large-payloads.ts';

/**
 * Replaces Input and Output of a row to be merged by URLs where the history rows of the same commit had to offload them.
 * @param historyRows of the commit, offloaded.
 */
export function referenceHistoryBlobs(
  instanceRow: Row,
  historyRows: readonly Row[],
  urlOf: (blobName: string) => string,
): Row {
  return historyRows.reduce<Row>((row, historyRow) => {
    const source = SOURCES.find(({ eventType }) => eventType === historyRow['EventType']);
    if (source === undefined || row[source.to] === undefined) return row;
    const blobName = historyRow[`${source.from}BlobName`];
    return typeof blobName === 'string' ? { ...row, [source.to]: urlOf(blobName) } : row;
  }, instanceRow);
}

/** The same for a row whose own columns were offloaded (a start, a repair): `InputBlobName` would show as no input at all. */
export function referenceOwnBlobs(row: Row, urlOf: (blobName: string) => string): Row {
  return (['Input', 'Output'] as const).reduce<Row>((result, column) => {
    const { [`${column}BlobName`]: blobName, ...rest } = result;
    return typeof blobName === 'string' ? { ...(rest as Row), [column]: urlOf(blobName) } : result;
  }, row);
}

/**
 * The text that an Input or Output column stands for: itself, or what its URL names.
 * @throws {CorruptMessageError} the blob is gone or holds something else.
 */
export async function resolvePayload(
  text: string | null,
  payloads: LargePayloads,
): Promise<string | null> {
  const name = text === null ? undefined : payloads.nameFromUrl(text);
  if (name === undefined) return text;
  const content = await payloads.download(name);
  return name.endsWith('ExecutionStarted.json.gz') ? inputOfStart(content, name) : content;
}

/** Which column of an event's row the Instances row shows, and as what. */
const SOURCES = [
  { eventType: 'ExecutionStarted', from: 'Input', to: 'Input' },
  { eventType: 'ExecutionCompleted', from: 'Result', to: 'Output' },
  { eventType: 'ContinueAsNew', from: 'Result', to: 'Output' },
  { eventType: 'ExecutionTerminated', from: 'Input', to: 'Output' },
  { eventType: 'ExecutionSuspended', from: 'Reason', to: 'Output' },
  { eventType: 'ExecutionResumed', from: 'Reason', to: 'Output' },
] as const;

/** The blob of a start message holds the whole envelope, see `queues/message-codec.ts`. */
function inputOfStart(content: string, name: string): string | null {
  const place = `The large payload '${name}'`;
  try {
    const envelope = readObject(JSON.parse(content), place);
    const message = readObject(envelope['TaskMessage'] ?? null, `${place}: TaskMessage`);
    const event = readObject(message['Event'] ?? null, `${place}: Event`);
    return readValue('optionalText', event['Input'], `${place}: Input`);
  } catch (error) {
    throw new CorruptMessageError(`${place} does not hold a start message.`, { cause: error });
  }
}
