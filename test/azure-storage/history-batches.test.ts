import { describe, expect, it } from 'vitest';
import { toBatches } from '../../src/azure-storage/tables/history-batches.ts';
import type { Row } from '../../src/azure-storage/tables/row.ts';

const SERVICE_LIMIT_BYTES = 4 * 1024 * 1024;

function rows(count: number, result: string): readonly Row[] {
  return Array.from({ length: count }, (_, index) => ({
    partitionKey: 'order-1',
    rowKey: index.toString(16).padStart(16, '0'),
    EventType: 'TaskCompleted',
    Result: result,
  }));
}

function sizes(batches: readonly (readonly Row[])[]): readonly number[] {
  return batches.map(({ length }) => length);
}

describe('toBatches', () => {
  it.each([
    { count: 0, batches: [0] },
    { count: 99, batches: [99] },
    { count: 100, batches: [99, 1] },
    { count: 200, batches: [99, 99, 2] },
  ])('puts $count small rows into $batches', ({ count, batches }) => {
    expect(sizes(toBatches(rows(count, '1')))).toEqual(batches);
  });

  it('fills a batch up to 3 MiB exactly', () => {
    const bytesOfRow = 3 * 1024 * 32;
    const row = (extra: number) => 'x'.repeat((bytesOfRow - 1024) / 2 + extra);
    expect(sizes(toBatches(rows(32, row(0))))).toEqual([32]);
    expect(sizes(toBatches(rows(32, row(1))))).toEqual([31, 1]);
  });

  it.each([
    { what: 'characters of three bytes', text: 'ก' },
    { what: 'control characters, escaped to six', text: '\u0001' },
    { what: 'lone surrogates, escaped to six', text: '\ud800' },
    { what: 'quotes, escaped to two', text: '"' },
  ])('keeps requests below the limit of the service with $what', ({ text }) => {
    const batches = toBatches(rows(98, text.repeat(30_720)));
    const bytes = batches.map((batch) => Buffer.byteLength(JSON.stringify(batch)));
    expect(Math.max(...bytes)).toBeLessThan(SERVICE_LIMIT_BYTES);
    expect(batches.flat()).toHaveLength(98);
  });
});
