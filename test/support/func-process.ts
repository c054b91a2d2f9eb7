/** `func start` of the build as a process of its own, driven from outside as a user drives it: arguments, HTTP, signals, output. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { endWithTests } from './child-processes.ts';
import { eventually } from './eventually.ts';
import { patient } from './patience.ts';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../dist/cli/func.js', import.meta.url));
/** Environment of a host that reads the history for every message. */
export const WITHOUT_SESSION_CACHE = {
  AzureFunctionsJobHost__extensions__durableTask__sessionCacheMegabytes: '0',
} as const;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;

export interface FuncOptions {
  /** Arguments after `func start`; `--port` is added. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of this process; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A free one when absent. */
  readonly port?: number;
  /** Told of the process before it does anything. */
  readonly onSpawn?: (pid: number | undefined) => void;
}

export interface FuncExit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FuncProcess {
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly port: number;
  output(): string;
  signal(name: NodeJS.Signals): void;
  readonly exited: Promise<FuncExit>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<FuncExit>;
}

/** Runs `func start` until it ends. */
export function runFunc(options: FuncOptions & { readonly port: number }): Promise<FuncExit> {
  return launch(options, options.port).exited;
}

/** Starts `func start` and waits until it serves. */
export async function startFunc(options: FuncOptions): Promise<FuncProcess> {
  for (;;) {
    const port = options.port ?? (await freePort());
    try {
      return await startOn(port, options);
    } catch (error) {
      // Others take ports, too, in the moment between the choice and the start.
      const isTaken =
        error instanceof Error && error.message.includes(`Port ${port} is unavailable`);
      if (options.port !== undefined || !isTaken) throw error;
    }
  }
}

async function startOn(port: number, options: FuncOptions): Promise<FuncProcess> {
  const func = launch(options, port);
  let ended: FuncExit | undefined;
  void func.exited.then((exit) => (ended = exit));
  try {
    await eventually(
      () => {
        if (ended !== undefined) return true;
        return func.output().includes('For detailed output') || isVerboseReady(func.output());
      },
      { timeoutMs: START_TIMEOUT_MS, intervalMs: 25 },
    );
  } catch (error) {
    func.signal('SIGKILL');
    throw new Error(`func start did not come up:\n${func.output()}`, { cause: error });
  }
  if (ended !== undefined) throw new Error(`func start ended at once:\n${func.output()}`);
  return func;
}

function isVerboseReady(output: string): boolean {
  return output.includes('Host started');
}

function launch(options: FuncOptions, port: number): FuncProcess {
  const env = { ...process.env, NO_COLOR: '1', ...sessionCacheSetting(), ...options.env };
  const args = [PROGRAM, 'start', '--port', String(port), ...(options.args ?? [])];
  const child = endWithTests(
    spawn(process.execPath, args, {
      cwd: options.cwd ?? REPOSITORY,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  options.onSpawn?.(child.pid);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = new Promise<FuncExit>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    child.kill(name);
  };
  return {
    url: `http://localhost:${port}`,
    port,
    output: () => stdout + stderr,
    signal,
    exited,
    stop: async () => {
      const deadline = setTimeout(() => {
        signal('SIGKILL');
      }, patient(STOP_TIMEOUT_MS));
      signal('SIGTERM');
      const exit = await exited;
      clearTimeout(deadline);
      return exit;
    },
  };
}

/** Off for every host of a test run with DURABLE_TEST_SESSION_CACHE=off; otherwise as the app has it. */
function sessionCacheSetting(): Readonly<Record<string, string>> {
  return process.env['DURABLE_TEST_SESSION_CACHE'] === 'off' ? WITHOUT_SESSION_CACHE : {};
}

/** A port that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}
