/**
 * The .NET extension as a process, to share a hub with: its orchestrations are those of the reference app, run by the
 * official SDK. Only where `dotnet` and the reference programs are present.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { endWithTests } from './child-processes.ts';
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

/**
 * A .NET worker that gives up a partition breaks off a request for messages that storage may still answer, and what it was to get is
 * hidden from the next owner for five minutes. No less than one is allowed.
 */
const VISIBILITY = {
  AzureWebJobs__extensions__durableTask__storageProvider__controlQueueVisibilityTimeout: '00:01:00',
  AzureWebJobs__extensions__durableTask__storageProvider__workItemQueueVisibilityTimeout:
    '00:01:00',
};

/**
 * A .NET worker reads the table of partitions and writes row by row within this time (2 s by default), or begins anew: where storage takes
 * 0.7 s for a request, it never comes to its third row, and a hub is never shared as it should be. Tests run on machines as slow as that.
 */
const PATIENT_WITH_STORAGE = {
  AzureWebJobs__extensions__durableTask__storageProvider__partitionTableOperationTimeout:
    '00:00:30',
};

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
  /** For the host, and for the app; see the head of Program.cs. */
  readonly env?: Readonly<Record<string, string>>;
}): Promise<DotnetExtension> {
  const nodePort = await freePort();
  const webhookPort = await freePort();
  const { CONTAINER_NAME: _onlyOnConsumption, ...environment } = process.env;
  const bridge = endWithTests(
    spawn(process.execPath, ['bridge.js', `./${options.main ?? 'app.js'}`, String(nodePort)], {
      cwd: options.app.folder,
      stdio: 'ignore',
      env: { ...process.env, ...options.env },
    }),
  );
  await answers(`http://127.0.0.1:${nodePort}/functions`);
  const host = endWithTests(
    spawn('dotnet', [path.join(REFERENCE, 'bin/extension-host/HostB.dll')], {
      stdio: 'ignore',
      env: {
        ...environment,
        ...VISIBILITY,
        ...PATIENT_WITH_STORAGE,
        CONN: options.connectionString,
        HUB: options.hub,
        NODE_URL: `http://127.0.0.1:${nodePort}`,
        WEBHOOK_PORT: String(webhookPort),
        ...options.env,
      },
    }),
  );
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
