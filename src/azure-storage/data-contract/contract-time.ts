/**
 * Points in time as .NET writes them. We keep the text that was stored, because a Date would lose the 100 ns digits, and
 * bring it into the form of the place it is written to: queue messages trim trailing zeros, table columns have 7 digits in UTC.
 */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

/** What .NET writes for a DateTime that was never set. */
export const UNSET_TIME = '0001-01-01T00:00:00';

export function isContractTime(text: string): boolean {
  return TIME.test(text) && !Number.isNaN(Date.parse(text));
}

/** As Newtonsoft writes a DateTime: at most 7 fractional digits, no trailing zeros. The time zone is kept. */
export function toMessageTime(text: string): string {
  const { seconds, fraction, zone } = timeParts(text);
  const digits = fraction.slice(0, 7).replace(/0+$/, '');
  return seconds + (digits === '' ? '' : `.${digits}`) + zone;
}

/** As a table column or an OData filter holds it: UTC with exactly 7 fractional digits. A time without zone is taken as UTC. */
export function toTableTime(text: string): string {
  const { seconds, fraction, zone } = timeParts(text);
  const isUtc = zone === '' || zone === 'Z';
  const utcSeconds = isUtc ? seconds : new Date(seconds + zone).toISOString().slice(0, 19);
  return `${utcSeconds}.${fraction.slice(0, 7).padEnd(7, '0')}Z`;
}

function timeParts(text: string) {
  const match = TIME.exec(text);
  // Our own code made it, or the codec checked it when it was read.
  if (!match) throw new RangeError(`'${text}' is not an ISO 8601 time.`);
  return { seconds: match[1] ?? '', fraction: match[2] ?? '', zone: match[3] ?? '' };
}
