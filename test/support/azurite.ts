/**
 * One Azurite for tests: on disk in a temporary folder, on ports the system picks, without telemetry. On disk, because
 * Azurite's in-memory queue store stalls for seconds once thousands of messages have passed through it.
 *
 * `global-setup.ts` starts one for each worker of the run, since one for all is what they would wait for. Test files of a worker
 * tell their hubs apart by name.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { endWithTests } from './child-processes.ts';
import { patient } from './patience.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    azuriteConnectionStrings: readonly string[];
  }
}

/** See the file. */
export const QUICK_AZURITE = fileURLToPath(new URL('./quick-azurite.cjs', import.meta.url));
/** The well-known account that every Azurite serves. */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const START_TIMEOUT_MS = 30_000;
const SERVICES = ['Blob', 'Queue', 'Table'];
const ANY_PORT = (): string => '0';
const LISTENING = /^Azurite (Blob|Queue|Table) service is successfully listening at (\S+)/;

export interface RunningAzurite {
  readonly connectionString: string;
  /** Ends the process and deletes its folder. */
  stop(): Promise<void>;
  /** Ends the process alone; for an Azurite that is to come back. */
  halt(): Promise<void>;
  /** A new process on the same ports and the same folder. */
  resume(): Promise<void>;
}

/** The connection string of the Azurite that all test files of this worker share. */
export function azuriteConnectionString(): string {
  const all = inject('azuriteConnectionStrings');
  const own = all[(Number(process.env['VITEST_POOL_ID']) - 1) % all.length];
  if (own === undefined) throw new Error('no storage emulator was started for this worker');
  return own;
}

/** A task hub name that no other test uses. */
export function freshHubName(prefix = 'Hub'): string {
  return `${prefix}${randomBytes(6).toString('hex')}`;
}

/**
 * Starts an Azurite of its own.
 * @param options.folder for its data, which stays. @default a new one
 * @param options.isSaving whether it saves what it has every five seconds, as it does for users. @default at its end
 * @throws {Error} when it does not listen within 30 s, on a quick machine; the text holds what it printed.
 */
export async function startAzurite(
  options: { readonly folder?: string; readonly isSaving?: boolean } = {},
): Promise<RunningAzurite> {
  const { isSaving = false } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'azurite-')));
  const removeFolder = async (): Promise<void> => {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    let running = await launch({ folder, isSaving }, ANY_PORT);
    const { endpoints } = running;
    return {
      connectionString: connectionStringOf(endpoints),
      stop: async () => {
        await running.halt();
        await removeFolder();
      },
      halt: () => running.halt(),
      resume: async () => {
        running = await launch(
          { folder, isSaving },
          (service) => new URL(endpoints.get(service) ?? '').port,
        );
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

interface AzuriteProcess {
  readonly endpoints: ReadonlyMap<string, string>;
  halt(): Promise<void>;
}

async function launch(
  { folder, isSaving }: { readonly folder: string; readonly isSaving: boolean },
  portOf: (service: string) => string,
): Promise<AzuriteProcess> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const ports = SERVICES.flatMap((name) => [`--${name.toLowerCase()}Port`, portOf(name)]);
  const options = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', '--location', folder];
  const quick = isSaving ? [] : ['--require', QUICK_AZURITE];
  const child = endWithTests(
    spawn(process.execPath, [...quick, program, ...ports, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const halt = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    return { endpoints: await listeningEndpoints(child.stdout, child.stderr), halt };
  } catch (error) {
    await halt();
    throw error;
  }
}

/** The urls of the services, once all three listen. */
export async function listeningEndpoints(
  stdout: NodeJS.ReadableStream,
  stderr: NodeJS.ReadableStream,
): Promise<ReadonlyMap<string, string>> {
  const printed: string[] = [];
  const endpoints = new Map<string, string>();
  const lines = createInterface({ input: stdout });
  createInterface({ input: stderr }).on('line', (line) => printed.push(line));
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`Azurite ${why}. It printed:\n${printed.join('\n')}`));
    };
    const timeoutMs = patient(START_TIMEOUT_MS);
    const timer = setTimeout(() => {
      fail(`did not start in ${timeoutMs} ms`);
    }, timeoutMs);
    lines.once('close', () => {
      fail('ended');
    });
    lines.on('line', (line) => {
      printed.push(line);
      const [, service, url] = LISTENING.exec(line) ?? [];
      if (service !== undefined && url !== undefined) endpoints.set(service, url);
      if (endpoints.size < 3) return;
      clearTimeout(timer);
      lines.removeAllListeners('close');
      resolve();
    });
  });
  return endpoints;
}

function connectionStringOf(endpoints: ReadonlyMap<string, string>): string {
  const services = [...endpoints]
    .map(([name, url]) => `${name}Endpoint=${url}/${ACCOUNT};`)
    .join('');
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};${services}`;
}
