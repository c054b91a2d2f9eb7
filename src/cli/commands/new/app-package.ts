/** What the files of an app say about it: its language, its programming model, where its functions lie, its dependencies. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ownMember } from '../../../base/own-member.ts';
import { ConfigError } from '../../../config/config-error.ts';
import { readIfThere } from '../../files.ts';
import type { Language, Model } from '../../templates/template.ts';

export interface AppPackage {
  readonly language: Language;
  readonly model: Model;
  readonly isModule: boolean;
  /** Where `main` of package.json finds the functions of the v4 model; with slashes. */
  readonly functionsFolder: string;
  /** Writes it into package.json. @returns false when it is there. */
  addDependency(name: string, version: string): Promise<boolean>;
}

interface PackageJson {
  readonly type?: string;
  readonly main?: string;
  dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

/** @throws {ConfigError} when package.json is no JSON. */
export async function readAppPackage(folder: string): Promise<AppPackage> {
  const file = path.join(folder, 'package.json');
  const text = await readIfThere(file);
  const content = text === undefined ? {} : parse(text, file);
  const tsconfig = await readIfThere(path.join(folder, 'tsconfig.json'));
  return {
    language: tsconfig === undefined ? 'javascript' : 'typescript',
    model: modelOf(content),
    isModule: content.type === 'module',
    functionsFolder: functionsFolderOf(content.main),
    addDependency: async (name, version) => {
      if (Object.hasOwn({ ...content.dependencies, ...content.devDependencies }, name))
        return false;
      content.dependencies = sorted({ ...content.dependencies, [name]: version });
      const indent = /^[ \t]+/m.exec(text ?? '')?.[0] ?? '  ';
      await writeFile(file, `${JSON.stringify(content, null, indent)}\n`);
      return true;
    },
  };
}

/** As Core Tools has it: an app that does not ask for the v4 model in its package.json is a classic one. */
function modelOf({ main, dependencies, devDependencies }: PackageJson): Model {
  const packages = { ...devDependencies, ...dependencies };
  const major = (name: string): number =>
    Number(/\d+/.exec(ownMember(packages, name) ?? '')?.[0] ?? Number.NaN);
  const functions = major('@azure/functions');
  if (!Number.isNaN(functions)) return functions >= 4 ? 'v4' : 'v3';
  return main !== undefined || major('durable-functions') >= 3 ? 'v4' : 'v3';
}

/** `dist/src/functions/*.js` → `src/functions`: what a compiler puts into dist comes from the same path without it. */
function functionsFolderOf(main = ''): string {
  const folder = /^(?:\.\/)?(?:dist\/)?([^*{}]+)\/\*\.(?:js|mjs|cjs)$/.exec(main)?.[1];
  return folder ?? 'src/functions';
}

function sorted(dependencies: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dependencies).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

function parse(text: string, file: string): PackageJson {
  try {
    return JSON.parse(text) as PackageJson;
  } catch (error) {
    throw new ConfigError([{ file, path: '', message: `It is no JSON: ${String(error)}` }]);
  }
}
