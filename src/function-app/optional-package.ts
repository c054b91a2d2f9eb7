/** Packages that few apps need: they are the app's own, and loaded at their first use. */
import { createRequire } from 'node:module';
import { NotSupportedError } from '../core/errors.ts';

export interface OptionalPackage {
  readonly name: string;
  /** Completes "… needs the package": `The connection 'X' by identity`. */
  readonly neededBy: string;
  /** Where it is looked for, in this order: absolute paths of folders with their node_modules. */
  readonly folders: readonly string[];
}

/**
 * What the package exports.
 * @throws {NotSupportedError} when it is not installed; the message says how to.
 */
export function loadOptionalPackage({ name, neededBy, folders }: OptionalPackage): unknown {
  const file = fileOfPackage(name, folders);
  if (file !== undefined) return createRequire(file)(file) as unknown;
  throw new NotSupportedError(
    `${neededBy} needs the package ${name}. Install it in the app: npm install ${name}`,
  );
}

/**
 * Where Node finds a package, or a file of it.
 * @param name as it is given to `require`.
 * @param folders see OptionalPackage.
 */
export function fileOfPackage(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      return createRequire(`${folder}/`).resolve(name);
    } catch (error) {
      const isMissing =
        error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
      if (!isMissing) throw error;
    }
  }
  return undefined;
}
