/**
 * Where code of an app cannot be loaded: file, line and column in the app, the line itself with a caret, and who required the file; in
 * TypeScript, where a source map leads there.
 * What Node knows is spread over the message, the head of the stack, its frames and `requireStack`; of syntax errors in ES modules
 * Node 20 says no place at all, and `node --check` does.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeThrown } from '../failure-text.ts';
import { type CodePlace, originalFile, originalPlace } from './original-place.ts';

/** Files of an app whose imports are looked through for a syntax error. */
const MAX_CHECKED_FILES = 200;
/** Longer lines were written by a program: nobody wants to see them. */
const MAX_SHOWN_LINE = 160;

export interface LoadErrorText {
  /** One line: the message, and where. */
  readonly summary: string;
  /** Lines with the code, and who required it; each begins with a line break. */
  readonly details: string;
}

/** @param file that was to be loaded; absolute, like the script root */
export async function loadErrorText(
  error: unknown,
  file: string,
  scriptRoot: string,
): Promise<LoadErrorText> {
  const { message } = describeThrown(error);
  const [firstLine = message] = message.split('\n');
  const loaded =
    placeOf(error, scriptRoot) ??
    (error instanceof SyntaxError ? await syntaxErrorBelow(file) : undefined);
  const place = loaded && originalPlace(loaded);
  const shown = (name: string): string => path.relative(scriptRoot, name).split(path.sep).join('/');
  const at =
    place === undefined
      ? ''
      : ` at ${shown(place.file)}:${place.line}${place.column === undefined ? '' : `:${place.column}`}`;
  const details = [
    ...(place === undefined ? [] : codeLines(place)),
    ...requiredBy(error, loaded).map((name) => `  required by ${shown(name)}`),
  ];
  return { summary: `${firstLine}${at}`, details: details.map((line) => `\n${line}`).join('') };
}

/** The head of the stack of a syntax error, else the first frame in the code of the app. */
function placeOf(error: unknown, scriptRoot: string): CodePlace | undefined {
  const { stack } = describeThrown(error);
  return headOf(stack) ?? frameIn(stack, scriptRoot);
}

/** `/app/b.js:3`, the line, and `^` below it. */
function headOf(stack: string): CodePlace | undefined {
  const [, name, line, caret] = /^(.+):(\d+)\r?\n[^\n]*\r?\n( *)\^/.exec(stack) ?? [];
  const file = name === undefined ? undefined : fileOf(name);
  if (file === undefined || caret === undefined) return undefined;
  return { file, line: Number(line), column: caret.length + 1 };
}

function frameIn(stack: string, scriptRoot: string): CodePlace | undefined {
  for (const [, name = '', line, column] of stack.matchAll(
    /^ +at .*?\(?((?:file:\/\/)?\/[^()\n]*|[A-Za-z]:\\[^()\n]*):(\d+):(\d+)\)?$/gm,
  )) {
    const file = fileOf(name);
    if (file === undefined || !isOfApp(file, scriptRoot)) continue;
    return { file, line: Number(line), column: Number(column) };
  }
  return undefined;
}

function isOfApp(file: string, scriptRoot: string): boolean {
  const relative = path.relative(scriptRoot, file);
  const isBelow = !relative.startsWith('..') && !path.isAbsolute(relative);
  return isBelow && !relative.split(path.sep).includes('node_modules');
}

/** The file of a path or a URL that has it, without the `?load=2` of an import that was repeated. */
function fileOf(name: string): string | undefined {
  const file = name.startsWith('file://') ? fileURLToPath(new URL(name)) : name;
  return existsSync(file) ? file : undefined;
}

function codeLines({ file, line, column }: CodePlace): readonly string[] {
  const text = readFileSync(file, 'utf8').split(/\r?\n/)[line - 1];
  if (text === undefined || text.length > MAX_SHOWN_LINE) return [];
  const code = `  ${text.replaceAll('\t', ' ')}`;
  return column === undefined ? [code] : [code, `  ${' '.repeat(column - 1)}^`];
}

/** From the file with the fault to the one that was to be loaded; that of the place is left out. */
function requiredBy(error: unknown, place: CodePlace | undefined): readonly string[] {
  if (!(error instanceof Error) || !('requireStack' in error)) return [];
  const { requireStack } = error;
  if (!Array.isArray(requireStack)) return [];
  return [...new Set<unknown>(requireStack)]
    .filter(
      (name): name is string =>
        typeof name === 'string' && existsSync(name) && name !== place?.file,
    )
    .map(originalFile);
}

/** Of an ES module, or one that it imports. */
async function syntaxErrorBelow(file: string): Promise<CodePlace | undefined> {
  const files = new Set([file]);
  for (const each of files) {
    const place = headOf(await checkOutput(each));
    if (place !== undefined) return place;
    for (const imported of relativeImports(each)) {
      if (files.size < MAX_CHECKED_FILES && existsSync(imported)) files.add(imported);
    }
  }
  return undefined;
}

/** What `node --check` has to say about the file; empty when nothing is wrong with it. */
function checkOutput(file: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', file], { env: {} }, (_, __, stderr) => {
      resolve(stderr);
    });
  });
}

function relativeImports(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)];
  return names.map(([, name = '']) => path.resolve(path.dirname(file), name));
}
