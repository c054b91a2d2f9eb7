/** One port for several processes, which are played by the test: whose turn it is, who waits, and what is refused. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SharedPort, type ConnectionTaker } from '../../../src/host/processes/shared-port.ts';
import { serveConnections } from '../../../src/http/given-connections.ts';
import { PortUnavailableError } from '../../../src/http/node-server.ts';
import type { FetchHandler } from '../../../src/http/responses.ts';
import { eventually } from '../../support/eventually.ts';

let port: SharedPort;
const clients: Socket[] = [];

beforeEach(async () => {
  port = await SharedPort.open({ port: 0 });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  port.close();
});

class Taker implements ConnectionTaker {
  readonly given: Socket[] = [];
  readonly #takesAtOnce: boolean;

  constructor(takesAtOnce = true) {
    this.#takesAtOnce = takesAtOnce;
  }

  give(connection: Socket): void {
    this.given.push(connection);
    clients.push(connection);
    if (this.#takesAtOnce) port.taken(this);
  }
}

async function connectTimes(count: number): Promise<void> {
  for (let time = 0; time < count; time++) {
    await new Promise<void>((resolve) => {
      clients.push(connect(port.port, '127.0.0.1', resolve));
    });
  }
}

const total = (...takers: readonly Taker[]): number =>
  takers.reduce((sum, { given }) => sum + given.length, 0);

describe('a port of several processes', () => {
  it('gives each its turn', async () => {
    const [first, second, third] = [new Taker(), new Taker(), new Taker()];
    for (const taker of [first, second, third]) port.add(taker);

    await connectTimes(9);
    await eventually(() => total(first, second, third) === 9);

    expect([first, second, third].map(({ given }) => given.length)).toEqual([3, 3, 3]);
  });

  it('passes over one that is busy, which has its turn again when it has taken what it was given', async () => {
    const [busy, quick] = [new Taker(false), new Taker()];
    port.add(busy);
    port.add(quick);

    await connectTimes(6);
    await eventually(() => total(busy, quick) === 6);
    expect([busy.given.length, quick.given.length]).toEqual([1, 5]);
    port.taken(busy);
    await connectTimes(2);
    await eventually(() => total(busy, quick) === 8);

    expect([busy.given.length, quick.given.length]).toEqual([2, 6]);
  });

  it('lets connections wait while there is no process, and gives none to one that ends', async () => {
    const [gone, late] = [new Taker(), new Taker()];
    port.add(gone);
    port.remove(gone);
    await connectTimes(2);
    expect(total(gone)).toBe(0);

    port.add(late);
    await eventually(() => total(late) === 2);

    expect(total(gone)).toBe(0);
  });

  it('lets connections wait for a process that is slow as long as it takes, and refuses them a while after it has gone', async () => {
    const waitMs = 20;
    const hasty = await SharedPort.open({ port: 0 }, waitMs);
    const slow = new Taker(false);
    hasty.add(slow);
    const answers: string[] = [];
    for (const name of ['given', 'waits']) {
      const client = connect(hasty.port, '127.0.0.1');
      clients.push(client);
      client.on('data', (data: Buffer) => answers.push(`${name}: ${data.toString()}`));
    }
    await eventually(() => slow.given.length === 1 && hasty.waitingCount === 1);

    // Timers fire in their order: one that ran for the connection would have.
    await new Promise((resolve) => setTimeout(resolve, 2 * waitMs));
    expect([hasty.waitingCount, answers]).toEqual([1, []]);
    hasty.remove(slow);
    await eventually(() => answers.length > 0);

    expect(answers.join('')).toMatch(/^waits: HTTP\/1\.1 503 /);
    hasty.close();
  });

  it('refuses what waits when it closes', async () => {
    const answers: string[] = [];
    await connectTimes(1);
    clients[0]?.on('data', (data: Buffer) => answers.push(data.toString()));
    // Until it has been accepted.
    await eventually(() => port.waitingCount === 1);

    port.close();

    await eventually(() => answers.length > 0);
    expect(answers.join('')).toMatch(/^HTTP\/1\.1 503 .*Connection: close/s);
  });

  it('cannot be one that is taken', async () => {
    await expect(SharedPort.open({ port: port.port })).rejects.toThrow(PortUnavailableError);
  });
});

/** Nothing is read of a connection before it has gone to another process; here it stays in this one. */
function handingTo(take: (connection: Socket) => void): ConnectionTaker {
  return {
    give: (connection) => {
      take(connection);
      connection.resume();
    },
  };
}

/** Serves what comes to the port. */
function serving(app: FetchHandler) {
  const given: { take: ((connection: Socket) => void) | undefined; count: number } = {
    take: undefined,
    count: 0,
  };
  const server = serveConnections(app, {
    port: port.port,
    onConnection: (take) => {
      given.take = take;
      return () => (given.take = undefined);
    },
  });
  port.add(
    handingTo((connection) => {
      given.take?.(connection);
      given.count++;
    }),
  );
  return { server, given };
}

describe('connections that another process accepted', () => {
  it('are served like those of a port of its own, and end when nothing runs on them', async () => {
    const { server, given } = serving({
      fetch: async (request) => new Response(`${request.method} ${await request.text()}`),
    });

    const answer = await fetch(`http://127.0.0.1:${port.port}/`, { method: 'POST', body: 'hello' });
    expect(await answer.text()).toBe('POST hello');
    expect(answer.headers.get('keep-alive')).toBe('timeout=130');

    // The connection is kept by the client: that is nothing to wait for.
    await server.close();
    expect(given.take).toBeUndefined();
  });

  it('are served when they were opened just before the end', async () => {
    const { server, given } = serving({ fetch: () => new Response('served') });
    const client = connect(port.port, '127.0.0.1');
    let answer = '';
    client.on('data', (data) => (answer += data.toString()));
    const ended = once(client, 'end');
    await eventually(() => given.count === 1);

    const closed = server.close();
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all([closed, ended]);

    // Whoever would send more is told that nobody reads it.
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*Connection: close.*served/s);
  });

  it('end when nothing ever comes on them', async () => {
    const { server, given } = serving({ fetch: () => new Response('served') });
    const client = connect(port.port, '127.0.0.1').resume();
    const ended = once(client, 'end');
    await eventually(() => given.count === 1);

    await Promise.all([server.close(), ended]);
  });

  it('are cut off on demand', async () => {
    let hasBegun = false;
    const { server } = serving({
      fetch: () => {
        hasBegun = true;
        return new Promise<Response>(() => undefined);
      },
    });
    const asked = fetch(`http://127.0.0.1:${port.port}/`);
    const refused = expect(asked).rejects.toThrow();
    await eventually(() => hasBegun);

    await server.close(AbortSignal.abort());

    await refused;
  });
});
