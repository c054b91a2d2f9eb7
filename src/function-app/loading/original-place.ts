/**
 * From a place in compiled code to the one in the code that was written, by the source map that the compiler left. The app runs what
 * was compiled, and who reads an error wrote TypeScript.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CodePlace {
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; undefined when only the line is known. */
  readonly column: number | undefined;
}

/** The place itself where no map leads to a file that is there. */
export function originalPlace(place: CodePlace): CodePlace {
  const map = readMap(place.file);
  if (map === undefined) return place;
  const line = place.line - 1;
  const entry = new SourceMap(map.payload as SourceMapPayload).findEntry(
    line,
    (place.column ?? Infinity) - 1,
  );
  // The nearest mapping before the place may be that of another line.
  if (!('originalSource' in entry) || entry.generatedLine !== line) return place;
  const file = sourceFile(map, entry.originalSource);
  if (file === undefined) return place;
  const column = place.column === undefined ? undefined : entry.originalColumn + 1;
  return { file, line: entry.originalLine + 1, column };
}

/** The one file that this one was compiled from; the file itself where it was not, or from several. */
export function originalFile(file: string): string {
  const map = readMap(file);
  const [source, ...others] = map?.payload.sources ?? [];
  if (map === undefined || source === undefined || others.length > 0) return file;
  return sourceFile(map, source) ?? file;
}

/** Compilers leave `sourceRoot` out. */
type Payload = Omit<SourceMapPayload, 'sourceRoot'> & { readonly sourceRoot?: string };

interface FoundMap {
  readonly payload: Payload;
  /** What its sources are relative to. */
  readonly folder: string;
}

/** A map that cannot be read is none: it is only asked for when something else went wrong. */
function readMap(file: string): FoundMap | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const name = [...text.matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1];
    if (name === undefined) return undefined;
    const [, inside] = /^data:application\/json[^,]*;base64,(.*)$/.exec(name) ?? [];
    const mapFile = path.resolve(path.dirname(file), decodeURI(name));
    const json =
      inside === undefined
        ? readFileSync(mapFile, 'utf8')
        : Buffer.from(inside, 'base64').toString();
    const payload = JSON.parse(json) as Payload;
    if (!Array.isArray(payload.sources)) return undefined;
    return { payload, folder: inside === undefined ? path.dirname(mapFile) : path.dirname(file) };
  } catch {
    return undefined;
  }
}

function sourceFile({ payload, folder }: FoundMap, source: string): string | undefined {
  const file = source.startsWith('file://')
    ? fileURLToPath(source)
    : path.resolve(folder, payload.sourceRoot ?? '', source);
  return existsSync(file) ? file : undefined;
}
