/**
 * What failures of one cause have in common: their message without what is different each time. Numbers, ids, times and the texts in
 * quotation marks that hold any of them become `#`.
 */

const MAX_LENGTH = 300;
/** In this order: a GUID is made of numbers, too. */
const CHANGING: readonly RegExp[] = [
  /\b[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}\b/gi,
  /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?\b/g,
  /\b(?=[a-f]*\d)[\da-f]{8,}\b/gi,
  /\d+(?:\.\d+)*/g,
];

/** @param failure the output of a failed instance. */
export function failureSignature(failure: string): string {
  const [first = ''] = failureMessage(failure).split('\n', 1);
  const blanked = CHANGING.reduce((text, pattern) => text.replace(pattern, '#'), first);
  return blanked.slice(0, MAX_LENGTH).trim();
}

/** The message without what SDKs and extensions put behind it: stack traces, and the failure once more as JSON. */
export function failureMessage(failure: string): string {
  const lines = failure.split('\n').map((line) => line.trim());
  const end = lines.findIndex((line) => line.startsWith('{"$type"') || /^at /.test(line));
  const kept = (end === -1 ? lines : lines.slice(0, end)).filter((line) => line !== '');
  return kept.join('\n');
}
