/** The host's end of the Functions RPC protocol: one stream of messages to and from one worker. */
import {
  type ServerDuplexStream,
  Server,
  ServerCredentials,
  loadPackageDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { randomUUID } from 'node:crypto';
import { within } from '../eventually.ts';
import { PROTO_FOLDER } from './official-worker.ts';

/** A StreamingMessage: `requestId`, and one member that is its content. Members as the protocol has them, in camel case. */
export interface RpcMessage {
  readonly requestId?: string;
  readonly [content: string]: unknown;
}

interface FunctionRpc {
  readonly AzureFunctionsRpcMessages: {
    readonly FunctionRpc: { readonly service: Parameters<Server['addService']>[0] };
  };
}

type Stream = ServerDuplexStream<RpcMessage, RpcMessage>;

export class RpcChannel {
  readonly port: number;
  readonly #server: Server;
  readonly #listeners = new Set<(message: RpcMessage) => void>();
  #stream: Stream | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(): Promise<RpcChannel> {
    const definition = loadSync('FunctionRpc.proto', {
      includeDirs: [PROTO_FOLDER],
      enums: String,
      longs: Number,
      oneofs: true,
    });
    const { AzureFunctionsRpcMessages: messages } = loadPackageDefinition(
      definition,
    ) as unknown as FunctionRpc;
    const opened: { channel?: RpcChannel } = {};
    const server = new Server({ 'grpc.max_receive_message_length': -1 });
    server.addService(messages.FunctionRpc.service, {
      EventStream: (stream: Stream) => opened.channel?.attach(stream),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    opened.channel = new RpcChannel(server, port);
    return opened.channel;
  }

  attach(stream: Stream): void {
    this.#stream = stream;
    stream.on('data', (message: RpcMessage) => {
      for (const listener of this.#listeners) listener(message);
    });
    // A worker that is killed breaks the stream: the tests see its exit.
    stream.on('error', () => undefined);
    stream.on('end', () => {
      stream.end();
    });
  }

  listen(listener: (message: RpcMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  send(message: RpcMessage): void {
    if (this.#stream === undefined) throw new Error('The worker has not connected.');
    this.#stream.write({ requestId: randomUUID(), ...message });
  }

  /** The content of the next message that `isIt` accepts. */
  next<Content>(
    content: string,
    isIt: (answer: Content) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<Content> {
    let stop = (): void => undefined;
    const found = new Promise<Content>((resolve) => {
      stop = this.listen((message) => {
        const answer = message[content] as Content | undefined | null;
        if (answer !== undefined && answer !== null && isIt(answer)) resolve(answer);
      });
    });
    return within(found, `${content} of the worker`, timeoutMs).finally(() => {
      stop();
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }
}
