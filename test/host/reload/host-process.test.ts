/** Connections that are handed over to a host, which is a process of its own here. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostProcess, launchHost } from '../../../src/host/reload/host-process.ts';
import type { ToSupervisor } from '../../../src/host/reload/messages.ts';
import { eventually, within } from '../../support/eventually.ts';

let folder: string;
let server: Server;
let client: Socket;
let host: HostProcess;
const heard: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'host-process-'));
  heard.length = 0;
});
afterEach(async () => {
  host.kill();
  client.destroy();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** @param code of the host, which says `started` when it may get the connection. */
async function giveTo(code: string): Promise<void> {
  const file = path.join(folder, 'host.cjs');
  await writeFile(file, code);
  const onMessage = ({ kind }: ToSupervisor): void => void heard.push(kind);
  host = launchHost({ file, nodeArguments: [] }, [], onMessage);
  await eventually(() => heard.includes('started'));
  server = createServer({ pauseOnConnect: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write('ping');
  const [connection] = (await once(server, 'connection')) as [Socket];
  host.give(connection);
}

/** However it ends. */
function end(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}

describe('a connection that is handed over', () => {
  it('ends with a host that is killed before it took it', async () => {
    const busy = `process.send({ kind: 'started' }, () => { for (;;); });`;
    await giveTo(busy);
    const closed = end(client);

    host.kill();

    await within(closed, 'the end of the connection');
  });

  it('is answered by a host that takes it, and ends with it', async () => {
    const echo = `
      process.on('message', (message, socket) => {
        process.send({ kind: 'connectionTaken' });
        socket.on('data', (data) => socket.write('pong'));
      });
      process.send({ kind: 'started' });`;
    await giveTo(echo);
    const [answer] = (await within(once(client, 'data'), 'an answer')) as [Buffer];
    expect(answer.toString()).toBe('pong');
    await eventually(() => heard.includes('connectionTaken'));
    const closed = end(client);

    host.kill();

    await within(closed, 'the end of the connection');
  });
});
