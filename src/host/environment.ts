/**
 * The environment that apps see: what local.settings.json adds to that of the process, and what every Functions host sets.
 * Nothing that is set already is changed. Mirrors StartHostAction.GetConfigurationSettings of Core Tools.
 */
import { setOwnMember } from '../base/own-member.ts';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { DurableError } from '../core/errors.ts';

/**
 * Once per process, before the app is loaded: the app reads `process.env` directly.
 * @throws {DurableError} `CONFIG` for an app of another language.
 */
export function applyEnvironment(config: Config, port: number): void {
  const runtime = findAppSetting(config.environment, 'FUNCTIONS_WORKER_RUNTIME') ?? 'node';
  if (runtime.toLowerCase() !== 'node') {
    throw new DurableError(
      'CONFIG',
      `FUNCTIONS_WORKER_RUNTIME is '${runtime}', but this host runs Node apps only: set it to 'node', or run the app with Core Tools.`,
    );
  }
  const standard = {
    WEBSITE_HOSTNAME: `localhost:${port}`,
    AzureWebJobsScriptRoot: config.scriptRoot,
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    FUNCTIONS_WORKER_RUNTIME: 'node',
  };
  for (const [name, value] of Object.entries({ ...standard, ...config.environment })) {
    if (!Object.hasOwn(process.env, name)) setOwnMember(process.env, name, value);
  }
  // Apps and their relative paths count from their own folder, wherever the host was started.
  process.chdir(config.scriptRoot);
}
