/** Tells the blobs of this host from those of others in the same account. Mirrors ScriptHostIdProvider. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';

export function hostIdOf({ environment, scriptRoot }: Config): string {
  const configured = findAppSetting(environment, 'AzureFunctionsWebHost__hostid') ?? '';
  if (configured !== '') return configured.toLowerCase();
  const machine = hostname()
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
    .slice(0, 20);
  const folder = createHash('sha256').update(scriptRoot).digest('hex').slice(0, 10);
  return `${machine}-${folder}`;
}
