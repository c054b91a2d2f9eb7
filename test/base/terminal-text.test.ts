import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleColoredText, visibleText } from '../../src/base/terminal-text.ts';

/** All that a terminal might obey. */
const OBEYED = /[^\P{Cc}\t\n]|[\u2028-\u202e\u2066-\u2069]/u;
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '\u001b[31m',
        '\u001b[2J',
        '\u001b]52;c;eA==\u0007',
        '\r',
        '\n',
        'a',
        '\u009b',
      ),
    )
    .map((parts) => parts.join('')),
);

describe('text for a terminal', () => {
  it('stays as it is when there is nothing to it', () => {
    const text = 'Grüße, 世界 👩‍👩‍👧\n\tשלום \u200f C:\\temp "x"';

    expect([visibleText(text), visibleColoredText(text)]).toEqual([text, text]);
  });

  it('has nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(visibleText(text)).not.toMatch(OBEYED);
        expect(visibleColoredText(text).replaceAll(/\u001b\[[\d;]*m/g, '')).not.toMatch(OBEYED);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same JSON as before', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(JSON.parse(visibleText(JSON.stringify([text])))).toEqual([text]);
      }),
      { numRuns: 500 },
    );
  });
});
