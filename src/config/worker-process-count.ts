/** In how many processes the app runs: the app setting by which the Functions host is told, too. */
import { findAppSetting } from './app-setting.ts';
import { ConfigError } from './config-error.ts';
import type { Config } from './config.ts';

const NAME = 'FUNCTIONS_WORKER_PROCESS_COUNT';
/** As the Functions host has it. */
const MOST = 10;

/** @returns 1 when it is not set. @throws {ConfigError} for no number from 1 to 10, and for several where the hub is in one process. */
export function workerProcessCount(config: Config): number {
  const written = (findAppSetting(config.environment, NAME) ?? '').trim();
  if (written === '') return 1;
  const count = /^\d{1,2}$/.test(written) ? Number(written) : 0;
  if (count < 1 || count > MOST) {
    throw problem(written, `It must be a whole number from 1 to ${MOST}.`);
  }
  const { connection, localFolder } = config;
  if (count > 1 && (connection === undefined || localFolder !== undefined)) {
    const place = localFolder === undefined ? 'memory' : `the folder ${localFolder}`;
    throw problem(
      written,
      `The task hub is in ${place}, and belongs to one process. Run one (${NAME}=1), or have the hub in Azure Storage: AzureWebJobsStorage, storageProvider.type 'AzureStorage', and no --storage.`,
    );
  }
  return count;
}

function problem(value: string, message: string): ConfigError {
  return new ConfigError([{ file: 'environment', path: NAME, value, message }]);
}
