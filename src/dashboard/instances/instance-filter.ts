/** Which instances are listed: as the address has it, as the form shows it, and as the API is asked. */
import type { RuntimeStatus } from '../../core/instance-status.ts';
import { parseDuration } from './duration-input.ts';

/** Of entities and generations nothing else is ever seen in a list. */
export const FILTER_STATUSES = [
  'Running',
  'Pending',
  'Suspended',
  'Completed',
  'Failed',
  'Terminated',
] as const satisfies readonly RuntimeStatus[];

/** Since when instances were created, from now back. */
export const SPANS = [
  { name: '15m', label: 'last 15 minutes', ms: 15 * 60_000 },
  { name: '1h', label: 'last hour', ms: 3_600_000 },
  { name: '24h', label: 'last 24 hours', ms: 86_400_000 },
  { name: '7d', label: 'last 7 days', ms: 7 * 86_400_000 },
  { name: '30d', label: 'last 30 days', ms: 30 * 86_400_000 },
] as const;

export interface InstanceFilter {
  /** Empty: all. */
  readonly statuses: readonly RuntimeStatus[];
  /** Exact; empty: all. */
  readonly name: string;
  readonly idPrefix: string;
  /** The name of a span, or a time as `datetime-local` has it; empty: ever. */
  readonly from: string;
  /** A time as `datetime-local` has it; empty: now. */
  readonly to: string;
  /** How long they took, or have taken until now, as typed: see `parseDuration`. */
  readonly longer: string;
  readonly shorter: string;
  /** Id of the instance that called them. */
  readonly parent: string;
  /** In input, output or custom status. */
  readonly text: string;
}

export const EMPTY_FILTER: InstanceFilter = {
  statuses: [],
  name: '',
  idPrefix: '',
  from: '',
  to: '',
  longer: '',
  shorter: '',
  parent: '',
  text: '',
};

export function filterOf(query: URLSearchParams): InstanceFilter {
  const asked = (query.get('status') ?? '').split(',');
  return {
    statuses: FILTER_STATUSES.filter((status) => asked.includes(status)),
    name: query.get('name') ?? '',
    idPrefix: query.get('prefix') ?? '',
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
    longer: query.get('longer') ?? '',
    shorter: query.get('shorter') ?? '',
    parent: query.get('parent') ?? '',
    text: query.get('text') ?? '',
  };
}

/** What `filterOf` reads; what is not asked for is left out. */
export function queryOf(filter: InstanceFilter): URLSearchParams {
  const members = [
    ['status', filter.statuses.join(',')],
    ['name', filter.name],
    ['prefix', filter.idPrefix],
    ['from', filter.from],
    ['to', filter.to],
    ['longer', filter.longer],
    ['shorter', filter.shorter],
    ['parent', filter.parent],
    ['text', filter.text],
  ] as const;
  return new URLSearchParams(members.filter(([, value]) => value !== '').map(([...pair]) => pair));
}

export function isEmptyFilter(filter: InstanceFilter): boolean {
  return queryOf(filter).size === 0;
}

/** Whether it asks for what storage has no index for: then instances are looked at one by one. */
export function isSearch({ longer, shorter, parent, text }: InstanceFilter): boolean {
  return (
    parent !== '' ||
    text !== '' ||
    parseDuration(longer) !== undefined ||
    parseDuration(shorter) !== undefined
  );
}

/** For GET /instances and GET /search. Times that are none are left out. */
export function apiQueryOf(
  filter: InstanceFilter,
  nowMs: number,
): Readonly<Record<string, string | number | undefined>> {
  const span = SPANS.find(({ name }) => name === filter.from);
  return {
    runtimeStatus: filter.statuses.join(','),
    name: filter.name,
    instanceIdPrefix: filter.idPrefix,
    createdTimeFrom: span ? new Date(nowMs - span.ms).toISOString() : isoTime(filter.from),
    createdTimeTo: isoTime(filter.to),
    minDuration: parseDuration(filter.longer),
    maxDuration: parseDuration(filter.shorter),
    parentInstanceId: filter.parent,
    text: filter.text,
  };
}

/** @param local as `datetime-local` has it, in the zone of the browser. */
function isoTime(local: string): string | undefined {
  const ms = Date.parse(local);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
