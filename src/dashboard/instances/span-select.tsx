/** Of which time a page tells: one of `SPANS`, up to now. */
import type { Signal } from '@preact/signals';
import { SPANS } from './instance-filter.ts';

export type SpanName = (typeof SPANS)[number]['name'];

export function SpanSelect({ span }: { readonly span: Signal<SpanName> }) {
  return (
    <select
      aria-label="Instances created in the"
      value={span.value}
      onChange={(event) => (span.value = event.currentTarget.value as SpanName)}
    >
      <SpanOptions />
    </select>
  );
}

export function SpanOptions() {
  return SPANS.map(({ name, label }) => (
    <option key={name} value={name}>
      {label}
    </option>
  ));
}

/** What the management API is asked for, when the span ends now. */
export function createdWithin(span: SpanName): { readonly createdTimeFrom: string } {
  const ms = SPANS.find(({ name }) => name === span)?.ms ?? 0;
  return { createdTimeFrom: new Date(Date.now() - ms).toISOString() };
}
