import { describe, expect, it } from 'vitest';
import { resolveTableFilter } from '../../src/bindings/table-filter.ts';
import { completeMetadata } from '../../src/function-app/trigger-metadata.ts';
import { functionOf } from '../triggers/app-values.ts';

function resolve(filter: string, values: Readonly<Record<string, unknown>>): string {
  const fn = functionOf('F', 'manual', { name: 'input' });
  const binding = { name: 'rows', type: 'table', direction: 'in' } as const;
  const triggerMetadata = completeMetadata({ functionName: 'F', own: {}, value: values });
  return resolveTableFilter(filter, { fn, binding, triggerMetadata });
}

describe('the filter of a table input', () => {
  it.each([
    ["Region eq '{region}' and Status eq {status}", "Region eq 'West' and Status eq 3"],
    ["Name eq '{name}'", "Name eq 'O''Hara'' or 1 eq 1'"],
    ['IsOpen eq {isOpen}', 'IsOpen eq true'],
    ['{whole}', "Region eq 'East'"],
    ['Status lt -1.5e3', 'Status lt -1.5e3'],
  ])('%s', (filter, expected) => {
    const values = {
      region: 'West',
      status: 3,
      name: "O'Hara' or 1 eq 1",
      isOpen: true,
      whole: "Region eq 'East'",
    };

    expect(resolve(filter, values)).toBe(expected);
  });

  it('takes no text from the trigger outside of quotes', () => {
    expect(() => resolve('Status eq {status}', { status: '1 or 1 eq 1' })).toThrow(
      'neither a number nor true or false: put the expression in single quotes',
    );
  });
});
