/**
 * What the Azure Functions host is to its Node worker, and to the world: starts the official worker on an app, indexes and loads its
 * functions, serves their routes, and ends it. The order of messages is that of GrpcWorkerChannel. It has no Durable Functions
 * extension: a function with a durable trigger or binding is refused, as by a host without one.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { endWithTests } from '../child-processes.ts';
import { eventually } from '../eventually.ts';
import { type HttpCall, type HttpDoor, openHttpDoor } from './http-door.ts';
import {
  indexFunction,
  type IndexedFunction,
  type RpcFunctionMetadata,
} from './indexed-function.ts';
import { WORKER_NODE, WORKER_PROGRAM } from './official-worker.ts';
import { RpcChannel } from './rpc-channel.ts';

const HOST_VERSION = '4.1037.0.0';
const GRACE_PERIOD_SECONDS = 5;

interface StatusResult {
  readonly status?: 'Failure' | 'Success' | 'Cancelled';
  readonly exception?: { readonly message?: string } | null;
}

interface TypedData {
  readonly http?: object;
  readonly json?: string;
  readonly string?: string;
  readonly bytes?: Buffer;
}

interface InvocationResponse {
  readonly invocationId: string;
  readonly result?: StatusResult;
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
}

export interface WorkerLog {
  readonly level: string;
  readonly message: string;
  readonly category: string;
}

export interface FunctionsHostOptions {
  /** The folder of the app. */
  readonly appFolder: string;
  /** App settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** The worker is started for an app that is not known yet, as Azure keeps some ready: see `specialise`. */
  readonly placeholder?: string;
}

export class FunctionsHost {
  /** Those that the host would run. */
  functions: readonly IndexedFunction[] = [];
  /** Why the host would refuse others, by function name. */
  readonly refused = new Map<string, string>();
  readonly logs: WorkerLog[] = [];
  readonly #channel: RpcChannel;
  readonly #options: FunctionsHostOptions;
  #door: HttpDoor | undefined;
  #capabilities: Readonly<Record<string, string>> = {};
  #child: ReturnType<typeof spawn> | undefined;
  #exit: Promise<number | null> | undefined;
  #output = '';

  private constructor(channel: RpcChannel, options: FunctionsHostOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  /** @throws {Error} with everything that the worker said, when it does not come up. */
  static async start(options: FunctionsHostOptions): Promise<FunctionsHost> {
    const channel = await RpcChannel.open();
    const host = new FunctionsHost(channel, options);
    try {
      await host.#start();
      return host;
    } catch (error) {
      await host.kill();
      throw new Error(`The worker did not come up:\n${host.said()}`, { cause: error });
    }
  }

  get url(): string {
    return `http://localhost:${this.#door?.port ?? 0}`;
  }

  /** Of the worker's process. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Names of the functions that the host would run. */
  get names(): readonly string[] {
    return this.functions.map(({ name }) => name);
  }

  /** Everything that the worker logged and printed. */
  said(): string {
    return [...this.logs.map(({ level, message }) => `${level}: ${message}`), this.#output].join(
      '\n',
    );
  }

  fetch(relative: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}/${relative}`, init);
  }

  /** Runs a function that is no HTTP function. @throws {Error} when it fails. */
  async invoke(name: string, input: TypedData): Promise<InvocationResponse> {
    const fn = this.functions.find((each) => each.name === name);
    if (fn === undefined) throw new Error(`There is no function ${name}.`);
    return await this.#invoke(fn, input, {}, randomUUID());
  }

  /** The worker that was kept ready gets its app. */
  async specialise(appFolder: string, env: Readonly<Record<string, string>>): Promise<void> {
    const answered = this.#channel.next<{
      result?: StatusResult;
      capabilities?: Record<string, string>;
    }>('functionEnvironmentReloadResponse');
    const environmentVariables = { ...this.#environment(), ...env };
    this.#channel.send({
      functionEnvironmentReloadRequest: { environmentVariables, functionAppDirectory: appFolder },
    });
    const { result, capabilities } = await answered;
    check(result, 'functionEnvironmentReload');
    this.#capabilities = capabilities ?? {};
    await this.#index(appFolder);
  }

  /** As the host ends its worker: it may finish what it does, for a while. @returns the exit code. */
  async terminate(): Promise<number | null> {
    this.#channel.send({ workerTerminate: { gracePeriod: { seconds: GRACE_PERIOD_SECONDS } } });
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), GRACE_PERIOD_SECONDS * 4 * 1000);
    const code = await this.#exit;
    clearTimeout(timer);
    await this.#close();
    return code ?? null;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exit;
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#door?.close();
    this.#channel.close();
  }

  async #start(): Promise<void> {
    const { appFolder, placeholder } = this.#options;
    this.#channel.listen(({ rpcLog }) => {
      if (rpcLog !== undefined && rpcLog !== null) this.logs.push(rpcLog as WorkerLog);
    });
    this.#door = await openHttpDoor({
      functions: () => this.functions,
      routePrefix: await routePrefixOf(appFolder),
      forwardTo: () => this.#capabilities['HttpUri'],
      invoke: (call, invocationId) => this.#invokeHttp(call, invocationId),
    });
    const started = this.#channel.next('startStream');
    this.#launch(placeholder ?? appFolder);
    await Promise.race([started, this.#exitedEarly()]);
    const initialised = this.#channel.next<{
      result?: StatusResult;
      capabilities?: Record<string, string>;
    }>('workerInitResponse', undefined, 60_000);
    this.#channel.send({
      workerInitRequest: {
        hostVersion: HOST_VERSION,
        capabilities: {},
        workerDirectory: path.dirname(WORKER_PROGRAM),
        functionAppDirectory: placeholder ?? appFolder,
      },
    });
    const { result, capabilities } = await initialised;
    check(result, 'workerInit');
    this.#capabilities = capabilities ?? {};
    if (placeholder === undefined) await this.#index(appFolder);
  }

  async #exitedEarly(): Promise<never> {
    const code = await this.#exit;
    throw new Error(`The worker ended with code ${String(code)}.`);
  }

  #environment(): Record<string, string> {
    const inherited = ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      ...Object.fromEntries(inherited),
      FUNCTIONS_WORKER_RUNTIME: 'node',
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      WEBSITE_HOSTNAME: `localhost:${this.#door?.port ?? 0}`,
    };
  }

  #launch(cwd: string): void {
    const { env, placeholder } = this.#options;
    const id = randomUUID();
    const requestId = randomUUID();
    const uri = `http://127.0.0.1:${this.#channel.port}`;
    const args = [
      ...['--host', '127.0.0.1', '--port', String(this.#channel.port), '--workerId', id],
      ...['--requestId', requestId, '--grpcMaxMessageLength', '2147483647'],
      ...['--functions-uri', uri, '--functions-worker-id', id, '--functions-request-id', requestId],
      ...['--functions-grpc-max-message-length', '2147483647'],
    ];
    const settings = placeholder === undefined ? env : { WEBSITE_PLACEHOLDER_MODE: '1' };
    const child = endWithTests(
      spawn(WORKER_NODE, [WORKER_PROGRAM, ...args], {
        cwd,
        env: { ...this.#environment(), ...settings },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => (this.#output += data.toString('utf8')));
    }
    this.#child = child;
    this.#exit = new Promise((resolve) => {
      child.once('exit', resolve);
    });
  }

  async #index(appFolder: string): Promise<void> {
    const indexed = this.#channel.next<{
      result?: StatusResult;
      useDefaultMetadataIndexing?: boolean;
      functionMetadataResults?: readonly RpcFunctionMetadata[];
    }>('functionMetadataResponse');
    this.#channel.send({ functionsMetadataRequest: { functionAppDirectory: appFolder } });
    const { result, useDefaultMetadataIndexing, functionMetadataResults } = await indexed;
    check(result, 'functionsMetadata');
    if (useDefaultMetadataIndexing === true) {
      throw new Error('The worker leaves indexing to the host, which would read function.json.');
    }
    const functions: IndexedFunction[] = [];
    for (const metadata of functionMetadataResults ?? []) {
      try {
        functions.push(indexFunction(metadata));
      } catch (error) {
        this.refused.set(metadata.name, String(error));
      }
    }
    for (const { functionId, metadata } of functions) {
      const loaded = this.#channel.next<{ functionId: string; result?: StatusResult }>(
        'functionLoadResponse',
        (answer) => answer.functionId === functionId,
      );
      this.#channel.send({ functionLoadRequest: { functionId, metadata } });
      check((await loaded).result, `functionLoad of ${metadata.name}`);
    }
    this.functions = functions;
  }

  async #invokeHttp(
    { fn, http, params, headers }: HttpCall,
    invocationId: string,
  ): Promise<object> {
    const isForwarded = this.#capabilities['HttpUri'] !== undefined;
    const triggerMetadata = isForwarded
      ? {
          Headers: { json: JSON.stringify(headers) },
          ...Object.fromEntries(Object.entries(params).map(([name, string]) => [name, { string }])),
        }
      : {};
    const answer = await this.#invoke(fn, { http }, triggerMetadata, invocationId);
    const output = fn.bindings.find(({ type }) => type.toLowerCase() === 'http')?.name;
    const named = answer.outputData?.find(({ name }) => name === output)?.data;
    // What is returned wins: the classic model sends an empty response for `$return`, too.
    return (answer.returnValue ?? named)?.http ?? {};
  }

  async #invoke(
    fn: IndexedFunction,
    data: TypedData,
    triggerMetadata: object,
    invocationId: string,
  ): Promise<InvocationResponse> {
    const answered = this.#channel.next<InvocationResponse>(
      'invocationResponse',
      (answer) => answer.invocationId === invocationId,
      60_000,
    );
    const inputs = fn.bindings.filter(({ direction }) => direction?.toLowerCase() !== 'out');
    const inputData = [
      { name: fn.trigger.name, data },
      ...inputs.filter((each) => each !== fn.trigger).map(({ name }) => ({ name, data: {} })),
    ];
    const { functionId } = fn;
    this.#channel.send({
      invocationRequest: {
        ...{ invocationId, functionId, inputData, triggerMetadata },
        traceContext: { traceParent: '', traceState: '', attributes: {} },
        retryContext: { retryCount: 0, maxRetryCount: 0 },
      },
    });
    const answer = await answered;
    check(answer.result, fn.name);
    return answer;
  }

  /** Waits until the worker has logged a line that holds the text. */
  logged(text: string): Promise<WorkerLog> {
    return eventually(() => this.logs.find(({ message }) => message.includes(text)));
  }
}

function check(result: StatusResult | undefined, what: string): void {
  if (result?.status === 'Success') return;
  throw new Error(`${what} failed: ${result?.exception?.message ?? JSON.stringify(result)}`);
}

async function routePrefixOf(appFolder: string): Promise<string> {
  const hostJson = JSON.parse(await readFile(path.join(appFolder, 'host.json'), 'utf8')) as {
    extensions?: { http?: { routePrefix?: string } };
  };
  return hostJson.extensions?.http?.routePrefix ?? 'api';
}
