/** A debugger: what an editor does over the inspector protocol with a process that was started with `--inspect`. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { SourceMap, type SourceMapPayload } from 'node:module';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

interface ProtocolMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface CallFrame {
  readonly callFrameId: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number };
}

interface Script {
  readonly scriptId: string;
  readonly url: string;
}

export interface Stop {
  /** Of the source that the script was compiled from, from 1. */
  readonly line: number;
  evaluate(expression: string): Promise<unknown>;
}

export class DebuggerClient {
  readonly #socket: Duplex;
  readonly #answers = new Map<number, (message: ProtocolMessage) => void>();
  readonly #scripts = new Map<string, Script>();
  #stops: CallFrame[][] = [];
  #lastId = 0;
  #isClosed = false;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    const read = textFrames((text) => {
      this.#hear(JSON.parse(text) as ProtocolMessage);
    });
    socket.on('data', read);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  /** Attaches to the process that listens on the port, once it does. */
  static async attach(port: number): Promise<DebuggerClient> {
    let url: string | undefined;
    await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined);
      const [target] = ((await answer?.json()) ?? []) as { webSocketDebuggerUrl?: string }[];
      url = target?.webSocketDebuggerUrl;
      return url !== undefined;
    });
    const client = new DebuggerClient(await openWebSocket(new URL(url ?? '')));
    // As VS Code does: the process then waits until the debugger has let go of it.
    await client.#send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
    await client.#send('Runtime.enable');
    await client.#send('Debugger.enable');
    return client;
  }

  /** Stops at the first statement that was compiled from this line, in the script whose URL ends so. */
  async breakAt(script: string, source: string, text: string): Promise<void> {
    const { url } = await this.#script(script);
    const line = lineOf(await readFile(source, 'utf8'), text);
    const map = await sourceMapOf(url);
    const lineNumber = generatedLine(map, line);
    await this.#send('Debugger.setBreakpointByUrl', { url, lineNumber });
  }

  /** The next stop at a breakpoint. */
  async stopped(): Promise<Stop> {
    await eventually(() => this.#stops.length > 0, { timeoutMs: 20_000 });
    const [frame] = this.#stops.shift() ?? [];
    if (frame === undefined) throw new Error('the debugger stopped nowhere');
    const { scriptId, lineNumber } = frame.location;
    const map = await sourceMapOf(this.#scripts.get(scriptId)?.url ?? '');
    return {
      line: sourceLine(map, lineNumber),
      evaluate: async (expression) => {
        const { callFrameId } = frame;
        const asked = { callFrameId, expression, returnByValue: true };
        const answer = await this.#send('Debugger.evaluateOnCallFrame', asked);
        return (answer as { result: { value: unknown } }).result.value;
      },
    };
  }

  async resume(): Promise<void> {
    await this.#send('Debugger.resume');
  }

  detach(): void {
    this.#socket.destroy();
  }

  /** Resolves when the process is gone, or has asked the debugger to go. */
  async detached(): Promise<void> {
    await eventually(() => this.#isClosed, { timeoutMs: 30_000 });
  }

  async #script(ending: string): Promise<Script> {
    const find = (): Script | undefined =>
      [...this.#scripts.values()].find(({ url }) => url.endsWith(ending));
    await eventually(() => find() !== undefined);
    const script = find();
    if (script === undefined) throw new Error(`there is no script ${ending}`);
    return script;
  }

  #hear(message: ProtocolMessage): void {
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.(message);
      return;
    }
    switch (message.method) {
      case 'Debugger.scriptParsed': {
        const script = message.params as Script;
        this.#scripts.set(script.scriptId, script);
        return;
      }
      case 'Debugger.paused':
        this.#stops.push((message.params as { callFrames: CallFrame[] }).callFrames);
        return;
      case 'NodeRuntime.waitingForDisconnect':
        this.detach();
        return;
      default:
        return;
    }
  }

  #send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ error, result }) => {
        this.#answers.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.#socket.write(maskedTextFrame(JSON.stringify({ id, method, params })));
    });
  }
}

function openWebSocket({ hostname, port, pathname }: URL): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    const asked = request({ hostname, port, path: pathname, headers });
    asked.once('upgrade', (_, socket) => {
      resolve(socket);
    });
    asked.once('error', reject);
    asked.end();
  });
}

function maskedTextFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(payload.length));
  const mask = randomBytes(4);
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0);
  return Buffer.concat([Buffer.from([0x81, 0x80 | 127]), length, mask, payload]);
}

/** The inspector sends each message as one frame. @returns takes what comes from the socket. */
function textFrames(onText: (text: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const short = (rest[1] ?? 0) & 0x7f;
      const start = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (rest.length < start) return;
      const length =
        short === 127
          ? Number(rest.readBigUInt64BE(2))
          : short === 126
            ? rest.readUInt16BE(2)
            : short;
      if (rest.length < start + length) return;
      const isText = ((rest[0] ?? 0) & 0x0f) === 1;
      const text = rest.subarray(start, start + length).toString();
      rest = rest.subarray(start + length);
      if (isText) onText(text);
    }
  };
}

async function sourceMapOf(url: string): Promise<SourceMap> {
  const text = await readFile(`${fileURLToPath(url)}.map`, 'utf8');
  return new SourceMap(JSON.parse(text) as SourceMapPayload);
}

/** From 1. */
export function lineOf(source: string, text: string): number {
  const index = source.split('\n').findIndex((line) => line.includes(text));
  if (index === -1) throw new Error(`no line has ${text}`);
  return index + 1;
}

/** @returns from 0, as the inspector counts. */
function generatedLine(map: SourceMap, line: number): number {
  for (let generated = 0; generated < 10_000; generated++) {
    for (let column = 0; column < 120; column++) {
      const entry = map.findEntry(generated, column);
      if ('originalLine' in entry && entry.generatedLine !== generated) continue;
      if ('originalLine' in entry && entry.originalLine === line - 1) return generated;
    }
  }
  throw new Error(`nothing was compiled from line ${line}`);
}

function sourceLine(map: SourceMap, generated: number): number {
  for (let column = 0; column < 120; column++) {
    const entry = map.findEntry(generated, column);
    if ('originalLine' in entry && entry.generatedLine === generated) return entry.originalLine + 1;
  }
  throw new Error(`line ${generated} was compiled from nothing`);
}
