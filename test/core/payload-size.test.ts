import { describe, expect, it } from 'vitest';
import { failureText, payloadProblem } from '../../src/core/payload-size.ts';

const whether = (text: string, maxPayloadBytes: number): boolean =>
  payloadProblem({ maxPayloadBytes }, text, () => 'It') === undefined;

describe('a payload', () => {
  it.each(['plain', '{"a":"\\"b\\\\"}', 'é', 'ก', '👩‍👩‍👧', '\u0001\n'])(
    '%j fits by its bytes',
    (unit) => {
      const text = unit.repeat(50);
      const bytes = Buffer.byteLength(JSON.stringify(text)) - 2;

      // What is rarely in JSON counts as much as it may: \n is \u000a for some writers.
      const counted = unit.includes('\n') ? 50 * 12 : bytes;
      expect(whether(text, counted)).toBe(true);
      expect(whether(text, counted - 1)).toBe(false);
    },
  );

  it('of any length fits where there is no limit', () => {
    expect(whether('x'.repeat(1_000_000), Infinity)).toBe(true);
  });
});

it('a failure is told whole, or its beginning', () => {
  const limits = { maxPayloadBytes: 800_000 };

  expect(failureText(limits, 'x'.repeat(100_000))).toBe('x'.repeat(100_000));
  expect(failureText(limits, 'x'.repeat(100_001))).toBe(
    `${'x'.repeat(10_000)}… (100001 characters in all)`,
  );
});
