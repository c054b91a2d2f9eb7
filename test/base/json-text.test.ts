import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactJson, embedPayload, jsonSyntaxError } from '../../src/base/json-text.ts';

describe('compacting JSON', () => {
  it('equals what a parser and a writer would make of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t', '\r\n '), (value, indent) => {
        const text = JSON.stringify(value, null, indent);

        expect(compactJson(text)).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each([
    [' [ 1.50 , 12345678901234567890 ] ', '[1.50,12345678901234567890]'],
    ['{ "a b" : "\\\\" , "c" : "\\" d" }', '{"a b":"\\\\","c":"\\" d"}'],
  ])('makes of %j %j', (text, compact) => {
    expect(compactJson(text)).toBe(compact);
  });
});

describe('JSON of somebody else', () => {
  const nested = (levels: number, [open, close]: readonly [string, string]): string =>
    `${open.repeat(levels)}"[{[{"${close.repeat(levels)}`;

  it.each<[string, string]>([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"[\\"":[', ']}'],
  ])('may be nested, but not without end: %s', (...braces) => {
    const perLevel = braces[1].length;

    expect(jsonSyntaxError(nested(1_000 / perLevel, braces))).toBeUndefined();
    for (const levels of [1_000 / perLevel + 1, 500_000]) {
      expect(jsonSyntaxError(nested(levels, braces))?.message).toContain('more than 1000 levels');
    }
    expect(jsonSyntaxError(`[${`${nested(600 / perLevel, braces)},`.repeat(5)}0]`)).toBeUndefined();
  });
});

describe('a stored payload', () => {
  it.each([
    [null, 'null'],
    ['', '""'],
    [' {"a": 1.50} ', '{"a": 1.50}'],
    ['because I said', '"because I said"'],
    ['2024-01-01', '"2024-01-01"'],
    ['a "quote"\n', '"a \\"quote\\""'],
  ])('%j is shown as %s', (payload, shown) => {
    expect(embedPayload(payload)).toBe(shown);
  });
});
