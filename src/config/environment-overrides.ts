/**
 * Every value of host.json can be given by an environment variable: `AzureFunctionsJobHost__extensions__durableTask__hubName`
 * (or with `:`), in any case. Such a variable wins over the file. Mirrors the environment source of ScriptHostBuilderExtensions.
 */
import type { Environment } from './app-setting.ts';
import { withSetting, type SettingsSection } from './settings-node.ts';

const PREFIX = /^AzureFunctionsJobHost(?:__|:)(.+)$/i;

export function withEnvironmentOverrides(
  hostJson: SettingsSection,
  environment: Environment,
): SettingsSection {
  let result = hostJson;
  for (const [variable, text] of Object.entries(environment)) {
    const path = PREFIX.exec(variable)?.[1];
    if (path !== undefined) {
      const origin = { file: 'environment', path: variable };
      result = withSetting(result, path.split(/__|:/), { kind: 'value', text, origin });
    }
  }
  return result;
}
