/** Routes and paths that somebody means to do harm with. A template is read or refused by name, and a path fits or does not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.ts';
import { matchRoute } from '../../src/triggers/route-match.ts';
import { parseRouteTemplate, type RouteTemplate } from '../../src/triggers/route-template.ts';
import { SlowPatternError } from '../../src/triggers/timed-pattern.ts';

const name = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'id',
  'int',
  'regex(^(a+)+$)',
  'regex(()',
  'length(1,2)',
  'min(99999999999999999999)',
  '',
);
const sign = fc.constantFrom('{', '}', '/', ':', '?', '*', '=', '(', ')', '.', '~', '%', '\u001b');
const piece = fc.oneof(name, sign, fc.string({ unit: 'grapheme', maxLength: 3 }));
const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const tidy = fc
  .array(fc.tuple(name, name, fc.constantFrom('', '?', '=x')), { minLength: 1, maxLength: 3 })
  .map((parameters) => parameters.map(([id, type, end]) => `{${id}:${type}${end}}`).join('/'));
const path = fc
  .array(fc.oneof(name, fc.constantFrom('..', '%2e%2e', '%', '%00', 'aaa!', '7')), { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`);

function read(text: string): RouteTemplate | undefined {
  try {
    return parseRouteTemplate(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return undefined;
  }
}

describe('a hostile route', () => {
  it('is read or refused by name, and gives nothing but texts of the path', () => {
    fc.assert(
      fc.property(fc.oneof(soup, tidy), path, (text, asked) => {
        const template = read(text);
        if (template === undefined) return;
        try {
          const values = matchRoute(template, asked) ?? {};
          const names = new Set(template.parameters.map((parameter) => parameter.name));
          for (const [key, value] of Object.entries(values)) {
            expect([names.has(key), typeof value]).toEqual([true, 'string']);
          }
          expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
        } catch (error) {
          expect(error).toBeInstanceOf(SlowPatternError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
