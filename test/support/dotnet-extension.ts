/**
 * The .NET extension as a process, to share a hub with: its orchestrations are those of the reference app, run by the
 * official SDK. Only where `dotnet` and the reference programs are present.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './eventually.ts';
import { freePort, REPOSITORY } from './func-process.ts';
import { patient } from './patience.ts';
import type { ScratchApp } from './scratch-app.ts';

export const REFERENCE = path.join(REPOSITORY, '../shared/reference');

/** Why the .NET extension cannot run here; undefined when it can. */
export function whyNoDotnet(): string | undefined {
  if (!existsSync(path.join(REFERENCE, 'bin/extension-host/HostB.dll'))) {
    return 'the reference programs are not here';
  }
  return spawnSync('dotnet', ['--version']).status === 0 ? undefined : 'dotnet is not installed';
}

export interface DotnetExtension {
  /** Base URL of its management API. */
  readonly management: string;
  stop(): Promise<void>;
}

/** @param app a copy of the reference's node folder, with its packages. */
export async function startDotnetExtension(options: {
  readonly app: ScratchApp;
  readonly connectionString: string;
  readonly hub: string;
  /** Its entry point. @default app.js */
  readonly main?: string;
}): Promise<DotnetExtension> {
  const nodePort = await freePort();
  const webhookPort = await freePort();
  const { CONTAINER_NAME: _onlyOnConsumption, ...environment } = process.env;
  const bridge = spawn(
    process.execPath,
    ['bridge.js', `./${options.main ?? 'app.js'}`, String(nodePort)],
    {
      cwd: options.app.folder,
      stdio: 'ignore',
    },
  );
  await answers(`http://127.0.0.1:${nodePort}/functions`);
  const host = spawn('dotnet', [path.join(REFERENCE, 'bin/extension-host/HostB.dll')], {
    stdio: 'ignore',
    env: {
      ...environment,
      CONN: options.connectionString,
      HUB: options.hub,
      NODE_URL: `http://127.0.0.1:${nodePort}`,
      WEBHOOK_PORT: String(webhookPort),
    },
  });
  const management = `http://localhost:${webhookPort}/runtime/webhooks/durabletask`;
  await answers(`${management}/instances/none`);
  return {
    management,
    async stop() {
      await end(host);
      await end(bridge);
    },
  };
}

async function answers(url: string): Promise<void> {
  await eventually(async () => (await fetch(url)).status < 500, {
    timeoutMs: 60_000,
    intervalMs: 100,
  });
}

async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), patient(20_000));
  await exited;
  clearTimeout(killer);
}
