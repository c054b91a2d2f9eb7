/** Runs the TypeScript examples of a page, or of doc comments, as a reader would write them. */
import ts from 'typescript';

export interface DocExample {
  /** Behind the language: the file that the code is in. */
  readonly file: string | undefined;
  readonly code: string;
  /** Of the block in the page. */
  readonly line: number;
}

/** The blocks of TypeScript in a page. */
export function examplesOf(markdown: string): readonly DocExample[] {
  return [...markdown.matchAll(/^```ts ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    file: match[1] === '' ? undefined : match[1],
    code: match[2] ?? '',
    line: markdown.slice(0, match.index).split('\n').length,
  }));
}

/** Those behind `@example` in the doc comments of a source file. */
export function commentExamplesOf(source: string): readonly DocExample[] {
  return [...source.matchAll(/^( *)\* @example\n([\s\S]*?)(?=^ *\* @|^ *\*\/)/gm)].map((match) => ({
    file: undefined,
    code: (match[2] ?? '').replace(/^ *\* ?/gm, ''),
    line: source.slice(0, match.index).split('\n').length,
  }));
}

/**
 * @param names what the example finds there without importing it.
 * @param modules by the name that it imports them by.
 */
export async function runExample(
  { code }: DocExample,
  names: Readonly<Record<string, unknown>>,
  modules: Readonly<Record<string, () => unknown>>,
): Promise<void> {
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(code, { compilerOptions: options });
  const require = (id: string): unknown => {
    const load = modules[id];
    if (load === undefined)
      throw new Error(`The example imports '${id}', which the test does not know.`);
    return load();
  };
  const all = { ...names, require, exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what is tested
  const run = new Function(...Object.keys(all), `return (async () => {${outputText}\n})();`);
  await (run as (...args: unknown[]) => Promise<void>)(...Object.values(all));
}
