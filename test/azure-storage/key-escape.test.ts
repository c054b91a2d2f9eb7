import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { escapeKey, unescapeKey } from '../../src/azure-storage/key-escape.ts';

describe('an instance id as table key', () => {
  it.each([
    ['a/b', 'a^0b'],
    ['a\\b#c?d^e', 'a^1b^2c^3d^^e'],
    ['tab\t', 'tab^É'],
    ['\u007f\u009f', '^Ŀ^ş'],
    ['\u0000\u001f', '^À^ß'],
    ['@counter@k/1', '@counter@k^01'],
    ["it's 100%", "it's 100%"],
    ['Ångström 😀', 'Ångström 😀'],
  ])('%j is escaped as %j, and back', (id, key) => {
    expect(escapeKey(id)).toBe(key);
    expect(unescapeKey(key)).toBe(id);
  });

  it('comes back from any id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        expect(unescapeKey(escapeKey(id))).toBe(id);
      }),
    );
  });

  it('holds nothing that the table service refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        expect(escapeKey(id)).not.toMatch(/[/\\#?\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it('keeps an unknown escape as .NET does', () => {
    expect(unescapeKey('a^9b^')).toBe('a9b^');
  });
});
