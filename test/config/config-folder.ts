/** A folder with configuration files, for one test; removed afterwards. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig, type LoadConfigRequest } from '../../src/config/load-config.ts';

/** Contents by path; what is not text is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

export async function configFolder(files: Files): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'config-test-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(
      join(folder, path),
      typeof content === 'string' ? content : JSON.stringify(content, undefined, 2),
    );
  }
  return folder;
}

export const STORAGE = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

export interface LoadOptions {
  readonly files?: Files;
  readonly env?: LoadConfigRequest['env'];
  /** @default the folder itself */
  readonly scriptRoot?: string;
  readonly explicitPort?: number;
  readonly corsOrigins?: string;
  readonly corsCredentials?: boolean;
}

/** Loads a folder made of `files`, on a machine with two processors and development storage. */
export async function load({ files, env, scriptRoot, ...rest }: LoadOptions = {}): Promise<Config> {
  const folder = await configFolder(files ?? {});
  return loadConfig({
    scriptRoot: join(folder, scriptRoot ?? '.'),
    env: { ...STORAGE, ...env },
    cpuCount: 2,
    ...rest,
  });
}

/** The same with host.json of version 2.0 and these settings of durableTask. */
export async function loadDurableTask(
  durableTask: unknown,
  env?: LoadConfigRequest['env'],
): Promise<Config> {
  return load({
    files: { 'host.json': { version: '2.0', extensions: { durableTask } } },
    ...(env === undefined ? {} : { env }),
  });
}

export async function failureOf(loading: Promise<Config>): Promise<ConfigError> {
  const outcome = await loading.then(
    () => 'loaded without a problem',
    (error: unknown) => error,
  );
  if (outcome instanceof ConfigError) {
    return outcome;
  }
  throw new Error(`expected a ConfigError but got: ${String(outcome)}`);
}
