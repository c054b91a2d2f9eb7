/**
 * Functions of the classic model: each folder of the script root with a function.json is one. Mirrors FunctionDescriptor
 * reading in HostFunctionMetadataProvider of the Functions host.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FunctionProblem } from '../function-app.ts';
import { describeThrown } from '../failure-text.ts';

export interface FunctionFolder {
  /** The folder's name. */
  readonly name: string;
  readonly directory: string;
  /** Absolute. */
  readonly scriptFile: string;
  readonly entryPoint: string | undefined;
  readonly bindings: readonly unknown[];
  /** `true`, or the name of a setting that says so. */
  readonly disabled: unknown;
  readonly retry: unknown;
}

const SCRIPT_EXTENSIONS: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs']);
const COMMENT_OR_TEXT = /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Sorted by name. Folders without function.json are none of our business. */
export async function readFunctionFolders(
  scriptRoot: string,
): Promise<{ folders: FunctionFolder[]; problems: FunctionProblem[] }> {
  const entries = await readdir(scriptRoot, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name);
  const folders: FunctionFolder[] = [];
  const problems: FunctionProblem[] = [];
  for (const name of names.sort()) {
    const directory = path.join(scriptRoot, name);
    if (!(await isFile(path.join(directory, 'function.json')))) continue;
    try {
      folders.push(await readFolder(name, directory));
    } catch (error) {
      problems.push({ functionName: name, reason: describeThrown(error).message });
    }
  }
  return { folders, problems };
}

async function readFolder(name: string, directory: string): Promise<FunctionFolder> {
  const json = parseFunctionJson(
    await readFile(path.join(directory, 'function.json'), 'utf8'),
    `${name}/function.json`,
  );
  const { bindings, entryPoint } = json;
  if (!Array.isArray(bindings) || bindings.length === 0) {
    throw new Error('At least one binding must be declared.');
  }
  return {
    name,
    directory,
    scriptFile: await findScript(directory, json['scriptFile']),
    entryPoint: typeof entryPoint === 'string' && entryPoint !== '' ? entryPoint : undefined,
    bindings,
    disabled: json['disabled'],
    retry: json['retry'],
  };
}

interface FunctionJson extends Readonly<Record<string, unknown>> {
  readonly bindings?: unknown;
  readonly entryPoint?: unknown;
}

/** Newtonsoft reads comments, commas too many and a byte order mark, so apps have them. */
function parseFunctionJson(text: string, place: string): FunctionJson {
  const plain = text
    .replace(/^\uFEFF/, '')
    .replace(COMMENT_OR_TEXT, (_match, quoted: string | undefined) => quoted ?? ' ')
    .replace(
      /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g,
      (_match, quoted: string | undefined) => quoted ?? '',
    );
  try {
    const parsed: unknown = JSON.parse(plain);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as FunctionJson;
  } catch (error) {
    throw new Error(`${place} is not valid JSON: ${describeThrown(error).message}`, {
      cause: error,
    });
  }
  throw new Error(`${place} must be a JSON object.`);
}

async function findScript(directory: string, scriptFile: unknown): Promise<string> {
  if (typeof scriptFile === 'string' && scriptFile !== '') {
    const file = path.resolve(directory, scriptFile.replaceAll('\\', '/'));
    if (!(await isFile(file))) {
      throw new Error(
        `Invalid script file name configuration. The 'scriptFile' property is set to a file that does not exist: ${scriptFile}. If it is compiled from TypeScript, build the app first.`,
      );
    }
    return requireScript(file);
  }
  const files = (await readdir(directory, { withFileTypes: true }))
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .filter(({ name }) => name.toLowerCase() !== 'function.json')
    .map(({ name }) => name);
  const primary =
    files.length === 1
      ? files[0]
      : (files.find((name) => path.parse(name).name.toLowerCase() === 'run') ??
        ['index.js', 'index.mjs', 'index.cjs'].find((name) => files.includes(name)));
  if (primary === undefined) {
    throw new Error(
      "Unable to determine the primary function script. Make sure at least one script file is present. Try renaming your entry point script to 'run' (or 'index' in the case of Node), or alternatively you can specify the name of the entry point script explicitly by adding a 'scriptFile' property to your function metadata.",
    );
  }
  return requireScript(path.join(directory, primary));
}

function requireScript(file: string): string {
  if (!SCRIPT_EXTENSIONS.has(path.extname(file).toLowerCase())) {
    throw new Error(
      `The script '${path.basename(file)}' is not JavaScript (.js, .mjs or .cjs), and this host runs no other language.`,
    );
  }
  return file;
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ENOTDIR'].includes(String(error.code))
    ) {
      return false;
    }
    throw error;
  }
}
