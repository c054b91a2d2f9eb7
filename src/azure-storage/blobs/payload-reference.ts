/**
 * Large inputs and outputs in the Instances table: the column holds the URL of the blob in which the start message or a row
 * keeps the text. The column of the reason of a termination, say, holds what somebody wrote: such a text is never followed.
 *
 * - Read: a URL is a reference where this engine or the .NET one could have written it: in this hub's container, under the id of
 *   the row's own instance, with the name of a blob that belongs into this column.
 * - Written: a text that any reader might take for a reference goes to a blob of its own, as a long text does. Readers follow one
 *   reference, not two, so that they find the text, .NET as well.
 *
 * Mirrors SetInstancesTablePropertyFromHistoryProperty, TryGetLargeMessageReference and FetchLargeMessageIfNecessary.
 */
import { CorruptMessageError } from '../../core/errors.ts';
import { readObject, readValue } from '../data-contract/contract-reader.ts';
import { escapeKey } from '../key-escape.ts';
import type { Row } from '../tables/row.ts';
import type { LargePayloads } from './large-payloads.ts';

type PayloadColumn = 'Input' | 'Output';

/** Input and Output of a row to be merged, as URLs, where the last history row of the same commit that tells them is offloaded. */
export function historyReferences(
  instanceRow: Row,
  historyRows: readonly Row[],
  urlOf: (blobName: string) => string,
): Readonly<Partial<Record<PayloadColumn, string>>> {
  const references = new Map<PayloadColumn, string>();
  for (const row of historyRows) {
    const source = SOURCES.find(({ eventType }) => eventType === row['EventType']);
    if (source === undefined || instanceRow[source.to] === undefined) continue;
    const blobName = row[`${source.from}BlobName`];
    if (typeof blobName === 'string') references.set(source.to, urlOf(blobName));
    else references.delete(source.to);
  }
  return Object.fromEntries(references);
}

/** The same for a row whose own columns were offloaded (a start, a repair): `InputBlobName` would show as no input at all. */
export function referenceOwnBlobs(row: Row, urlOf: (blobName: string) => string): Row {
  return (['Input', 'Output'] as const).reduce<Row>((result, column) => {
    const { [`${column}BlobName`]: blobName, ...rest } = result;
    return typeof blobName === 'string' ? { ...(rest as Row), [column]: urlOf(blobName) } : result;
  }, row);
}

/**
 * The text that a column of an instance's row stands for: itself, or what it refers to.
 * @throws {CorruptMessageError} the blob is gone or holds something else.
 */
export async function resolvePayload(
  text: string | null,
  place: { readonly column: PayloadColumn; readonly instanceId: string },
  payloads: LargePayloads,
): Promise<string | null> {
  const name = text === null ? undefined : payloads.nameFromUrl(text);
  if (name === undefined || !isPayloadOf(name, place)) return text;
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

/** Engines before DurableTask.AzureStorage 1.13 wrote names in lower case, and no random number into them. */
function isPayloadOf(
  name: string,
  { column, instanceId }: { readonly column: PayloadColumn; readonly instanceId: string },
): boolean {
  const ids = [instanceId, escapeKey(instanceId)].flatMap((id) => [id, id.toLowerCase()]);
  const folder = ids.map((id) => `${id}/`).find((prefix) => name.startsWith(prefix));
  return folder !== undefined && FILE_NAMES[column].test(name.slice(folder.length));
}

const FILE_NAMES: Readonly<Record<PayloadColumn, RegExp>> = {
  Input: fileNames('Input', '|message-[0-9a-f]{32}-ExecutionStarted'),
  Output: fileNames('Output', ''),
};

/** Those of history rows that tell the column, and that of the row itself, which has no key and no event. */
function fileNames(column: PayloadColumn, others: string): RegExp {
  const events = SOURCES.filter(({ to }) => to === column).map(
    ({ eventType, from }) => `${eventType}(?:-[0-9A-F]{8})?-${from}`,
  );
  const rows = [...events, `${column}(?:-[0-9A-F]{8})?-${column}`].join('|');
  return new RegExp(`^(?:history-(?:[0-9A-F]{16})?-(?:${rows})${others})\\.json\\.gz$`, 'i');
}

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
