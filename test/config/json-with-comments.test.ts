import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JsonSyntaxError,
  parseJsonWithComments,
  type JsonNode,
} from '../../src/config/json-with-comments.ts';

/** As JSON.parse would have it. */
function toPlain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'null':
      return null;
    case 'string':
    case 'boolean':
      return node.value;
    case 'number':
      return Number(node.text);
    case 'array':
      return node.items.map(toPlain);
    case 'object':
      return Object.fromEntries(node.members.map(({ name, value }) => [name, toPlain(value)]));
  }
}

function failureOf(text: string): JsonSyntaxError {
  try {
    parseJsonWithComments(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
  throw new Error(`${text} was read without an error`);
}

describe('JSON with comments', () => {
  it('reads everything that JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ noUnicodeString: false }),
        fc.constantFrom(0, 2),
        (value, indent) => {
          const text = JSON.stringify(value, undefined, indent);
          expect(toPlain(parseJsonWithComments(text))).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('allows a byte order mark, comments of both kinds and trailing commas', () => {
    const text = `\ufeff// head\n{ "a": 1, /* between\nlines */ "b": [1, 2, ], // "c": 3\n "d": "// no comment /* */", }\n// end`;
    expect(toPlain(parseJsonWithComments(text))).toEqual({
      a: 1,
      b: [1, 2],
      d: '// no comment /* */',
    });
  });

  it('keeps numbers as spelled and says where each value stands', () => {
    const node = parseJsonWithComments('{\n  "version": 2.0\n}');
    const value = node.kind === 'object' ? node.members[0]?.value : undefined;
    expect(value).toEqual({ kind: 'number', text: '2.0', line: 2, column: 14 });
  });

  it('keeps members in order, also when a name occurs twice', () => {
    const node = parseJsonWithComments('{"b": 1, "a": 2, "b": 3}');
    expect(node.kind === 'object' ? node.members.map(({ name }) => name) : []).toEqual([
      'b',
      'a',
      'b',
    ]);
  });

  it('reads Windows line ends, tabs inside strings and escaped quotes', () => {
    const text = '{\r\n"path": "C:\\\\app\\\\",\r\n"quote": "\\"a\tb\\""\r\n}';
    expect(toPlain(parseJsonWithComments(text))).toEqual({ path: 'C:\\app\\', quote: '"a\tb"' });
  });

  it.each([
    ['', 1, 1, 'expected a value but found the end of the file'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, `expected ',' or '}' but found '"'`],
    ['{ "a" 1 }', 1, 7, `expected ':' after "a" but found '1'`],
    ["{ 'a': 1 }", 1, 3, `expected a name in double quotes or '}' but found '''`],
    ['{ a: 1 }', 1, 3, `expected a name in double quotes or '}' but found 'a'`],
    ['[1, 2', 1, 6, `expected ',' or ']' but found the end of the file`],
    ['[1,,2]', 1, 4, `expected a value but found ','`],
    ['{"a": True}', 1, 7, `expected a value but found 'True'`],
    ['{"a": 01}', 1, 8, `expected ',' or '}' but found '1'`],
    ['{"a": "b}\n', 1, 7, 'a string without a closing double quote on its line'],
    ['{} {}', 1, 4, `expected the end of the file but found '{'`],
    ['{ /* open', 1, 3, `a comment without its closing '*/'`],
  ])('%j fails at line %i, column %i', (text, line, column, message) => {
    expect(failureOf(text)).toMatchObject({ line, column, message });
  });

  it('explains a backslash that was not doubled', () => {
    const error = failureOf('{\n "path": "C:\\app" }');
    expect(error).toMatchObject({ line: 2, column: 10 });
    expect(error.message).toContain('a backslash is written \\\\');
  });

  it('refuses absurd depth instead of exhausting the stack', () => {
    expect(failureOf('['.repeat(100_000)).message).toContain('levels deep');
  });
});
