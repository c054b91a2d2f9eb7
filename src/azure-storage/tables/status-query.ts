/**
 * The OData filter and the projection of a query for instances.
 * Mirrors OrchestrationInstanceStatusQueryCondition and AzureTableQueryFilter.
 */
import type { InstanceQuery } from '../../engine/backend.ts';
import { toTableTime } from '../data-contract/contract-time.ts';
import { SENTINEL_ROW_KEY } from './history-codec.ts';
import { escapeKey } from '../key-escape.ts';
import { MAX_STORED_ID_LENGTH } from '../limits.ts';

/** The filter, or undefined when every instance is asked for. @param afterKey leaves out all up to this partition key. */
export function instanceFilter(query: InstanceQuery, afterKey?: string): string | undefined {
  const conditions = [
    ...timeConditions(query),
    ...statusConditions(query),
    ...(query.name === undefined ? [] : [`Name eq ${literal(query.name)}`]),
    ...idConditions(query),
    ...(afterKey === undefined ? [] : [`PartitionKey gt ${literal(afterKey)}`]),
  ];
  if (conditions.length < 2) return conditions[0];
  return conditions.map((condition) => `(${condition})`).join(' and ');
}

/** False for a prefix that is longer than any id: storage would not even look at so long a query. */
export function canMatch({ instanceIdPrefix = '' }: InstanceQuery): boolean {
  return escapeKey(instanceIdPrefix).length <= MAX_STORED_ID_LENGTH;
}

/** Matches the rows of one instance, in either table. */
export function partitionFilter(instanceId: string): string {
  return `PartitionKey eq ${literal(escapeKey(instanceId))}`;
}

/** Matches what a load of an execution's history needs: its rows and the sentinel; without execution id, all rows. */
export function historyFilter(instanceId: string, executionId?: string): string {
  const partition = partitionFilter(instanceId);
  if (executionId === undefined) return partition;
  return `${partition} and (RowKey eq ${literal(SENTINEL_ROW_KEY)} or ExecutionId eq ${literal(executionId)})`;
}

const COLUMNS = [
  'partitionKey',
  'rowKey',
  'ExecutionId',
  'ParentInstanceId',
  'Name',
  'Version',
  'CustomStatus',
  'CreatedTime',
  'LastUpdatedTime',
  'CompletedTime',
  'RuntimeStatus',
  'ScheduledStartTime',
  'Generation',
  'Tags',
  'TagsBlobName',
];

/** The columns to select, or undefined for all: inputs and outputs are left out where they are not wanted. */
export function instanceColumns(want: {
  readonly includeInput: boolean;
  readonly includeOutput: boolean;
}): string[] | undefined {
  if (want.includeInput && want.includeOutput) return undefined;
  return [
    ...COLUMNS,
    ...(want.includeInput ? ['Input', 'InputBlobName'] : []),
    ...(want.includeOutput ? ['Output', 'OutputBlobName'] : []),
  ];
}

function timeConditions({
  createdTimeFrom: from,
  createdTimeTo: to,
  lastUpdatedTo: last,
}: InstanceQuery): string[] {
  return [
    ...(from ? [`CreatedTime ge datetime'${toTableTime(from.toISOString())}'`] : []),
    ...(to ? [`CreatedTime le datetime'${toTableTime(to.toISOString())}'`] : []),
    ...(last ? [`LastUpdatedTime le datetime'${toTableTime(last.toISOString())}'`] : []),
  ];
}

function statusConditions({ runtimeStatuses = [] }: InstanceQuery): string[] {
  if (runtimeStatuses.length === 0) return [];
  const conditions = [...new Set(runtimeStatuses)].map(
    (status) => `RuntimeStatus eq ${literal(status)}`,
  );
  return [conditions.join(' or ')];
}

function idConditions({ instanceIdPrefix = '', excludeEntities = false }: InstanceQuery): string[] {
  const prefix = escapeKey(instanceIdPrefix);
  const upperBound = successorOf(prefix);
  return [
    ...(prefix === '' ? [] : [`PartitionKey ge ${literal(prefix)}`]),
    ...(prefix === '' || upperBound === undefined
      ? []
      : [`PartitionKey lt ${literal(upperBound)}`]),
    // With any other prefix there can be no entity in the answer.
    ...(excludeEntities && (prefix === '' || prefix.startsWith('@'))
      ? ["PartitionKey lt '@' or PartitionKey ge 'A'"]
      : []),
  ];
}

/**
 * The smallest well-formed text above all texts with this prefix, in the table's order (UTF-16 units): the last character
 * plus one. .NET adds one to the last unit, which can leave half a surrogate pair, and that cannot be sent.
 */
function successorOf(prefix: string): string | undefined {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const next = nextCharacter(last.codePointAt(0) ?? 0);
    if (next !== undefined) return characters.join('') + next;
  }
  return undefined;
}

/** In the order of UTF-16 units: U+D7FF, then U+10000 … U+10FFFF (pairs that begin with D800 … DBFF), then U+E000 … U+FFFF. */
function nextCharacter(code: number): string | undefined {
  switch (code) {
    case 0xd7ff:
      return '\u{10000}';
    case 0x10ffff:
      return '\ue000';
    case 0xffff:
      return undefined;
    default:
      return String.fromCodePoint(code + 1);
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
