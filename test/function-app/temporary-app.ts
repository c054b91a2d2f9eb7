/** A function app made of texts, for files that a formatter or a linter would not leave as they must be. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** Beside the other fixture apps, so that their packages are found. @returns the script root. */
export async function temporaryApp(files: Readonly<Record<string, string>>): Promise<string> {
  const apps = path.join(import.meta.dirname, '..', 'apps');
  const scriptRoot = await mkdtemp(path.join(apps, '.temporary-'));
  onTestFinished(() => rm(scriptRoot, { recursive: true, force: true }));
  // Without one of its own, the app would be made of ES modules as this package is.
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    const file = path.join(scriptRoot, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return scriptRoot;
}

/** The files of a classic activity. */
export function classicActivity(
  name: string,
  overrides: { readonly json?: string; readonly script?: string } = {},
): Record<string, string> {
  const json = '{ "bindings": [{ "name": "name", "type": "activityTrigger" }] }';
  return {
    [`${name}/function.json`]: overrides.json ?? json,
    [`${name}/index.js`]: overrides.script ?? 'module.exports = async () => 1;',
  };
}
