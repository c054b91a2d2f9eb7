/**
 * NCRONTAB, the cron dialect of timer triggers: six fields with seconds, or five without. Each field is read into the set of
 * its values and written back in NCrontab's normal form, which is what the log shows and what croner computes with.
 * Mirrors NCrontab's CrontabFieldImpl, peculiarities included: `5/10` steps to the end of the field, `50-10` is `10-50`, any
 * beginning of a day's or month's name will do, a step below 1 is 1, and 7 is no day of the week.
 */
interface FieldKind {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const FIELDS: readonly FieldKind[] = [
  { least: 0, most: 59 },
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];

export interface Ncrontab {
  /** The normal form: `0 0,15,30,45 9-17 * * 1-5`; as many fields as were written. */
  readonly text: string;
  /** Always six fields, seconds first, each in normal form. */
  readonly fields: readonly string[];
}

/** Undefined if the text is no NCRONTAB expression. */
export function parseNcrontab(expression: string): Ncrontab | undefined {
  const tokens = expression.split(' ').filter((token) => token !== '');
  if (tokens.length !== 5 && tokens.length !== 6) return undefined;
  const kinds = FIELDS.slice(6 - tokens.length);
  const written: string[] = [];
  for (const [i, kind] of kinds.entries()) {
    const values = parseField(tokens[i] ?? '', kind);
    if (values === undefined) return undefined;
    written.push(formatField(values, kind));
  }
  return {
    text: written.join(' '),
    fields: tokens.length === 6 ? written : ['0', ...written],
  };
}

function parseField(token: string, kind: FieldKind): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const item of token.split(',')) {
    const range = parseItem(item, kind);
    if (range === undefined) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
  }
  return values;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

function parseItem(item: string, kind: FieldKind): Range | undefined {
  const [, body = '', stepText] = /^([^/]+)(?:\/(-?\d+))?$/.exec(item) ?? [];
  const step = stepText === undefined ? 1 : Math.max(1, Number(stepText));
  if (body === '*') return { from: kind.least, to: kind.most, step };
  const [, fromText = '', toText] = /^([^-]+)(?:-([^-]+))?$/.exec(body) ?? [];
  const from = parseValue(fromText, kind);
  const single = stepText === undefined ? from : kind.most;
  const to = toText === undefined ? single : parseValue(toText, kind);
  if (from === undefined || to === undefined) return undefined;
  return { from: Math.min(from, to), to: Math.max(from, to), step };
}

function parseValue(text: string, { least, most, names }: FieldKind): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    return value >= least && value <= most ? value : undefined;
  }
  const lower = text.toLowerCase();
  const index = lower === '' ? -1 : (names?.findIndex((name) => name.startsWith(lower)) ?? -1);
  return index < 0 ? undefined : index + least;
}

function formatField(values: ReadonlySet<number>, { least, most }: FieldKind): string {
  const runs: string[] = [];
  for (let value = least; value <= most; value++) {
    if (!values.has(value)) continue;
    const first = value;
    while (values.has(value + 1)) value++;
    if (first === least && value === most) return '*';
    runs.push(first === value ? `${first}` : `${first}-${value}`);
  }
  return runs.join(',');
}
