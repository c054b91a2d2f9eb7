import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactJson, embedPayload } from '../../src/base/json-text.ts';

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
