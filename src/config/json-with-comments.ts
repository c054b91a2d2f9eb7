/**
 * Reads the JSON of host.json and local.settings.json: comments, trailing commas and a byte order mark are allowed, as in
 * the .NET host. A reader of our own, because JSON.parse says neither line nor column on every Node, forgets how a number
 * was spelled (`1.0`), and cannot tell where a value stands when the value turns out to be wrong. `jsonc-parser` tells places, but no words
 * for what is wrong there, refuses a byte order mark and a tab within a string, and exhausts the stack on a file nested deep enough.
 */
import { InvalidInputError } from '../core/errors.ts';

/** Counted from 1. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

export interface JsonMember {
  readonly name: string;
  readonly value: JsonNode;
}

export type JsonNode = JsonPosition &
  (
    | { readonly kind: 'string'; readonly value: string }
    /** `text` as spelled. */
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
    | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
    /** In the order of the file; a name may occur twice. */
    | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  );

/** The text is not JSON; `line` and `column` say where. */
export class JsonSyntaxError extends InvalidInputError {
  readonly line: number;
  readonly column: number;

  constructor(message: string, position: JsonPosition) {
    super(message);
    this.line = position.line;
    this.column = position.column;
  }
}

/** @throws {JsonSyntaxError} */
export function parseJsonWithComments(text: string): JsonNode {
  const reader = new JsonReader(text);
  const value = reader.readValue(0);
  reader.expectEnd();
  return value;
}

const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z]+/y;
const STRING_END = /["\n\r]/g;

class JsonReader {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  readValue(depth: number): JsonNode {
    this.#skipBlanks();
    const position = this.#position();
    if (depth > MAX_DEPTH) {
      throw this.#error(`nested more than ${MAX_DEPTH} levels deep`);
    }
    switch (this.#text[this.#offset]) {
      case '{':
        return { kind: 'object', members: this.#readMembers(depth), ...position };
      case '[':
        return { kind: 'array', items: this.#readItems(depth), ...position };
      case '"':
        return { kind: 'string', value: this.#readString(), ...position };
      default:
        return this.#readLiteral(position);
    }
  }

  expectEnd(): void {
    this.#skipBlanks();
    if (this.#offset < this.#text.length) {
      throw this.#error(`expected the end of the file but found ${this.#found()}`);
    }
  }

  #readMembers(depth: number): JsonMember[] {
    const members: JsonMember[] = [];
    this.#readSequence('}', () => {
      if (this.#text[this.#offset] !== '"') {
        throw this.#error(`expected a name in double quotes or '}' but found ${this.#found()}`);
      }
      const name = this.#readString();
      this.#skipBlanks();
      if (this.#text[this.#offset] !== ':') {
        throw this.#error(`expected ':' after "${name}" but found ${this.#found()}`);
      }
      this.#offset += 1;
      members.push({ name, value: this.readValue(depth + 1) });
    });
    return members;
  }

  #readItems(depth: number): JsonNode[] {
    const items: JsonNode[] = [];
    this.#readSequence(']', () => items.push(this.readValue(depth + 1)));
    return items;
  }

  /** Reads from the opening bracket to the closing one; a comma before the closing one is allowed. */
  #readSequence(close: '}' | ']', readOne: () => void): void {
    this.#offset += 1;
    for (;;) {
      this.#skipBlanks();
      if (this.#text[this.#offset] === close) {
        break;
      }
      readOne();
      this.#skipBlanks();
      if (this.#text[this.#offset] === ',') {
        this.#offset += 1;
      } else if (this.#text[this.#offset] !== close) {
        throw this.#error(`expected ',' or '${close}' but found ${this.#found()}`);
      }
    }
    this.#offset += 1;
  }

  #readString(): string {
    const start = this.#offset;
    STRING_END.lastIndex = start + 1;
    for (;;) {
      const end = STRING_END.exec(this.#text);
      if (end?.[0] !== '"') {
        throw this.#error('a string without a closing double quote on its line');
      }
      if (!isEscaped(this.#text, end.index)) {
        this.#offset = end.index + 1;
        return this.#decodeString(start);
      }
    }
  }

  #decodeString(start: number): string {
    const literal = this.#text.slice(start, this.#offset);
    try {
      return JSON.parse(literal.replaceAll('\t', '\\t')) as string;
    } catch (error) {
      this.#offset = start;
      throw new JsonSyntaxError(
        `the string ${literal} has an escape that JSON does not know (a backslash is written \\\\): ${String(error)}`,
        this.#position(),
      );
    }
  }

  #readLiteral(position: JsonPosition): JsonNode {
    const number = this.#match(NUMBER);
    if (number !== undefined) {
      return { kind: 'number', text: number, ...position };
    }
    WORD.lastIndex = this.#offset;
    const word = WORD.exec(this.#text)?.[0];
    if (word === 'true' || word === 'false' || word === 'null') {
      this.#offset += word.length;
      return word === 'null'
        ? { kind: 'null', ...position }
        : { kind: 'boolean', value: word === 'true', ...position };
    }
    throw this.#error(`expected a value but found ${this.#found()}`);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    this.#offset += found?.length ?? 0;
    return found;
  }

  #skipBlanks(): void {
    for (;;) {
      const rest = this.#text.slice(this.#offset, this.#offset + 2);
      if (/^\s/.test(rest)) {
        this.#offset += 1;
      } else if (rest === '//') {
        const end = this.#text.indexOf('\n', this.#offset);
        this.#offset = end < 0 ? this.#text.length : end + 1;
      } else if (rest === '/*') {
        const end = this.#text.indexOf('*/', this.#offset + 2);
        if (end < 0) {
          throw this.#error("a comment without its closing '*/'");
        }
        this.#offset = end + 2;
      } else {
        return;
      }
    }
  }

  #found(): string {
    if (this.#offset >= this.#text.length) {
      return 'the end of the file';
    }
    WORD.lastIndex = this.#offset;
    return `'${WORD.exec(this.#text)?.[0] ?? String.fromCodePoint(this.#text.codePointAt(this.#offset) ?? 0)}'`;
  }

  #position(): JsonPosition {
    const before = this.#text.slice(0, this.#offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: this.#offset - lineStart + 1 };
  }

  #error(what: string): JsonSyntaxError {
    return new JsonSyntaxError(what, this.#position());
  }
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text[quote - 1 - backslashes] === '\\') {
    backslashes += 1;
  }
  return backslashes % 2 === 1;
}
