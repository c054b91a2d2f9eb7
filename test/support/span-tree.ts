/** Spans as the reference programs write them, one JSON object a line, and the trees that they make. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from './func-process.ts';

export interface SpanLine {
  readonly source: string;
  readonly name: string;
  /** `Server` */
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  /** ISO 8601. */
  readonly start: string;
  /** `Unset`, `Ok`, `Error` */
  readonly status: string;
}

/** Environment of a process that writes its spans into a file. */
export function spansTo(file: string): Readonly<Record<string, string>> {
  const script = path.join(REPOSITORY, 'test/apps/spans-to-file.cjs');
  return { SPANS: file, NODE_OPTIONS: `--require ${script}` };
}

export function readSpans(file: string): readonly SpanLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SpanLine);
}

/**
 * A line for each span, below its parent and indented, siblings as they began: `activity:Ship [server] error`. A root whose parent
 * is another than `rootParent` names it.
 */
export function treeOf(spans: readonly SpanLine[], rootParent?: string): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent: string, depth: number): string[] =>
    childrenOf(spans, parent).flatMap((span) => [
      `${'  '.repeat(depth)}${describeSpan(span)}`,
      ...below(span.spanId, depth + 1),
    ]);
  return spans
    .filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))
    .flatMap((span) => [
      span.parentSpanId === rootParent
        ? describeSpan(span)
        : `${describeSpan(span)} <- ${String(span.parentSpanId)}`,
      ...below(span.spanId, 1),
    ]);
}

function childrenOf(spans: readonly SpanLine[], parent: string): SpanLine[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((a, b) => a.start.localeCompare(b.start) || a.name.localeCompare(b.name));
}

function describeSpan({ name, kind, status }: SpanLine): string {
  return `${name} [${kind.toLowerCase()}]${status === 'Error' ? ' error' : ''}`;
}
