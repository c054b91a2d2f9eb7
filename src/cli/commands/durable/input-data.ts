/**
 * What `--input` and `--event-data` stand for: `@file` is a file with JSON, everything else is a text, which the function
 * gets as a string (`--input 3` is the string "3"). Mirrors DurableManager.RetrieveCommandInputData of Core Tools.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { withoutBom } from '../../../base/json.ts';
import { compactJson, jsonSyntaxError } from '../../../base/json-text.ts';
import { InvalidInputError } from '../../../core/errors.ts';
import { isMissing } from '../../files.ts';

/**
 * @param folder from which the path of a file counts.
 * @returns JSON text; null for none.
 * @throws {InvalidInputError} when there is no such file, or it does not hold JSON.
 */
export async function readInputData(
  value: string | undefined,
  folder: string,
): Promise<string | null> {
  if (value === undefined || value === '') return null;
  if (!value.startsWith('@')) return JSON.stringify(value);
  const file = value.slice(1);
  const text = withoutBom(await readText(path.resolve(folder, file), file)).trim();
  const error = jsonSyntaxError(text);
  if (error === undefined) return compactJson(text);
  throw new InvalidInputError(
    `Could not deserialize the input to the orchestration instance into a valid JSON object. ${file}: ${error.message}`,
    { cause: error },
  );
}

async function readText(absolute: string, asGiven: string): Promise<string> {
  try {
    return await readFile(absolute, 'utf8');
  } catch (error) {
    throw new InvalidInputError(
      isMissing(error)
        ? `Could not find input file at '${asGiven}'`
        : `Could not read input file at '${asGiven}': ${String(error)}`,
      { cause: error },
    );
  }
}
