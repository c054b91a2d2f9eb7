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
  for (const folder of folders) {
    const require = createRequire(`${folder}/`);
    if (isThere(require, name)) return require(name) as unknown;
  }
  throw new NotSupportedError(
    `${neededBy} needs the package ${name}. Install it in the app: npm install ${name}`,
  );
}

function isThere(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')
      return false;
    throw error;
  }
}
