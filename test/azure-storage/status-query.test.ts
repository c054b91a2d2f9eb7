import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  historyFilter,
  instanceColumns,
  instanceFilter,
  partitionFilter,
} from '../../src/azure-storage/tables/status-query.ts';
import type { InstanceQuery } from '../../src/engine/backend.ts';

const ALL: InstanceQuery = { pageSize: 100, includeInput: true, includeOutput: true };

describe('the filter of a query for instances', () => {
  it.each<[string, Partial<InstanceQuery>, string | undefined]>([
    ['everything', {}, undefined],
    ['no statuses', { runtimeStatuses: [] }, undefined],
    ['one status', { runtimeStatuses: ['Failed'] }, "RuntimeStatus eq 'Failed'"],
    [
      'statuses',
      { runtimeStatuses: ['Failed', 'Terminated'] },
      "RuntimeStatus eq 'Failed' or RuntimeStatus eq 'Terminated'",
    ],
    [
      'a time',
      { createdTimeFrom: new Date('2099-01-01') },
      "CreatedTime ge datetime'2099-01-01T00:00:00.0000000Z'",
    ],
    [
      'times and a status',
      {
        createdTimeFrom: new Date('2020-01-01'),
        createdTimeTo: new Date('2026-11-21T06:40:45.094Z'),
        runtimeStatuses: ['Canceled'],
      },
      "(CreatedTime ge datetime'2020-01-01T00:00:00.0000000Z') and (CreatedTime le datetime'2026-11-21T06:40:45.0940000Z') and (RuntimeStatus eq 'Canceled')",
    ],
    ['a prefix', { instanceIdPrefix: 'he' }, "(PartitionKey ge 'he') and (PartitionKey lt 'hf')"],
    [
      'a prefix with a quote and a slash',
      { instanceIdPrefix: "it's/" },
      "(PartitionKey ge 'it''s^0') and (PartitionKey lt 'it''s^1')",
    ],
    ['no entities', { excludeEntities: true }, "PartitionKey lt '@' or PartitionKey ge 'A'"],
    [
      'a prefix, no entities',
      { instanceIdPrefix: 'he', excludeEntities: true },
      "(PartitionKey ge 'he') and (PartitionKey lt 'hf')",
    ],
    [
      'entities, no entities',
      { instanceIdPrefix: '@', excludeEntities: true },
      "(PartitionKey ge '@') and (PartitionKey lt 'A') and (PartitionKey lt '@' or PartitionKey ge 'A')",
    ],
  ])('for %s is what .NET sends', (_, query, filter) => {
    expect(instanceFilter({ ...ALL, ...query })).toBe(filter);
  });

  it('bounds any prefix from above with text that can be sent', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.string(), (prefix, rest) => {
        const filter = instanceFilter({ ...ALL, instanceIdPrefix: prefix }) ?? '';
        const bound = /PartitionKey lt '(.*)'\)$/s.exec(filter)?.[1]?.replaceAll("''", "'");
        fc.pre(bound !== undefined && !/[\^']/.test(prefix + rest));

        expect(() => encodeURIComponent(filter)).not.toThrow();
        if (!/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(prefix))
          expect(prefix + rest < bound).toBe(true);
      }),
    );
  });

  it.each([
    ['\ud7ff', '\u{10000}'],
    ['a\u{10ffff}', 'a\ue000'],
    ['a\uffff', 'b'],
    ['\u{1f7ff}', '\u{1f800}'],
  ])('goes on from %j to %j without leaving half a character', (prefix, bound) => {
    expect(instanceFilter({ ...ALL, instanceIdPrefix: prefix })).toContain(`lt '${bound}'`);
  });
});

describe('the filters of one instance', () => {
  it('escape its id for the table and for OData', () => {
    expect(partitionFilter("it's/1")).toBe("PartitionKey eq 'it''s^01'");
  });

  it('take the rows of an execution, and the sentinel whatever its execution', () => {
    expect(historyFilter('x', 'g')).toBe(
      "PartitionKey eq 'x' and (RowKey eq 'sentinel' or ExecutionId eq 'g')",
    );
    expect(historyFilter('x')).toBe("PartitionKey eq 'x'");
  });
});

describe('the columns of a query', () => {
  it('are all when input and output are wanted', () => {
    expect(instanceColumns(ALL)).toBeUndefined();
  });

  it.each([
    [{ includeInput: true, includeOutput: false }, ['Input', 'InputBlobName']],
    [{ includeInput: false, includeOutput: true }, ['Output', 'OutputBlobName']],
    [{ includeInput: false, includeOutput: false }, []],
  ])('for %j leave out the payloads that are not', (want, payloads) => {
    const columns = instanceColumns(want) ?? [];

    expect(columns.filter((name) => /put/.test(name))).toEqual(payloads);
    expect(columns).toContain('partitionKey');
  });
});
