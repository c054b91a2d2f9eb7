import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { nativeRequest } from '../../src/http/native-request.ts';
import { jsonResponse } from '../../src/http/responses.ts';
import { listen, PortUnavailableError, type HttpServer } from '../../src/http/node-server.ts';
import { listenForRpc } from '../../src/http/rpc-listener.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function opened<Server extends HttpServer>(server: Promise<Server>): Promise<Server> {
  open.push(await server);
  return server;
}

interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    passed,
    open: () => {
      open();
    },
  };
}

const echo = {
  fetch: async (request: Request) =>
    new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`),
};

describe('listen', () => {
  it('serves requests on a port that the system chose', async () => {
    const { port } = await opened(listen(echo, { port: 0 }));

    const answer = await fetch(`http://127.0.0.1:${port}/a%20b?c`, { method: 'POST', body: 'd' });

    expect(await answer.text()).toBe('POST /a%20b d');
  });

  it('keeps idle connections for as long as Kestrel does', async () => {
    const { port } = await opened(listen(echo, { port: 0 }));

    const answer = await fetch(`http://127.0.0.1:${port}/`);

    expect(answer.headers.get('keep-alive')).toBe('timeout=130');
  });

  it.each([
    [30_000, 200],
    [40_000, 431],
  ])('answers %d bytes of headers with %d', async (bytes, status) => {
    const { port } = await opened(listen(echo, { port: 0 }));

    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { 'x-long': 'a'.repeat(bytes) },
    });

    expect(answer.status).toBe(status);
  });

  it.each([
    ['GET', '{"city":"Zürich"}'],
    ['HEAD', ''],
  ])('answers %s with a text, its length and its headers', async (method, body) => {
    const fetches = {
      fetch: (request: Request) => {
        const response = jsonResponse(202, '{"city":"Zürich"}', { location: request.url });
        response.headers.set('x-added', 'later');
        return response;
      },
    };
    const { port } = await opened(listen(fetches, { port: 0 }));
    const url = `http://127.0.0.1:${port}/a`;

    const answer = await fetch(url, { method });

    expect(await answer.text()).toBe(body);
    expect(answer.status).toBe(202);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': '18',
      'content-type': 'application/json; charset=utf-8',
      location: url,
      'x-added': 'later',
    });
  });

  it('answers with each of the headers of one name that a text has', async () => {
    const fetches = {
      fetch: () => {
        const response = jsonResponse(200, '{}');
        response.headers.append('set-cookie', 'a=1');
        response.headers.append('set-cookie', 'b=2');
        return response;
      },
    };
    const { port } = await opened(listen(fetches, { port: 0 }));

    const answer = await fetch(`http://127.0.0.1:${port}/`);

    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('hands over requests of which real ones can be made, and copied', async () => {
    const copying = {
      fetch: async (request: Request) => {
        const copy = new Request(nativeRequest(request), { headers: { 'x-copy': '1' } });
        return new Response(`${copy.headers.get('x-copy') ?? ''} ${await copy.text()}`);
      },
    };
    const { port } = await opened(listen(copying, { port: 0 }));

    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'd' });

    expect(await answer.text()).toBe('1 d');
  });

  it('leaves the global Request and Response alone', async () => {
    const before = [globalThis.Request, globalThis.Response];

    await opened(listen(echo, { port: 0 }));

    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  it('says which port is taken, and how to choose another, in one line', async () => {
    const { port } = await opened(listen(echo, { port: 0 }));

    const second = listen(echo, { port });

    await expect(second).rejects.toThrow(PortUnavailableError);
    await expect(second).rejects.toThrow(
      `Port ${port} is unavailable. Close the process using that port, or specify another port using --port [-p], or Host.LocalHttpPort in local.settings.json.`,
    );
  });

  it('says which address is not its own', async () => {
    await expect(listen(echo, { port: 0, hostname: '192.0.2.1' })).rejects.toThrow(/'192.0.2.1'/);
  });

  it('aborts the signal of a request whose client hangs up', async () => {
    const arrived = gate();
    const aborted = gate();
    const hanging = {
      fetch: (request: Request) =>
        new Promise<Response>((resolve) => {
          arrived.open();
          request.signal.addEventListener('abort', () => {
            aborted.open();
            resolve(new Response());
          });
        }),
    };
    const { port } = await opened(listen(hanging, { port: 0 }));
    const controller = new AbortController();

    const request = fetch(`http://127.0.0.1:${port}/`, { signal: controller.signal });
    const failed = expect(request).rejects.toThrow();
    await arrived.passed;
    controller.abort();

    await failed;
    await aborted.passed;
  });

  it('lets a request under way finish when it closes, and ends idle connections', async () => {
    const arrived = gate();
    const release = gate();
    const slow = {
      fetch: async () => {
        arrived.open();
        await release.passed;
        return new Response('done');
      },
    };
    const server = await opened(listen(slow, { port: 0 }));
    const idle = connect(server.port, '127.0.0.1');
    const idleEnded = new Promise((resolve) => idle.once('close', resolve));
    const request = fetch(`http://127.0.0.1:${server.port}/`);
    await arrived.passed;

    const closed = server.close();
    release.open();

    expect(await (await request).text()).toBe('done');
    await closed;
    await idleEnded;
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
  });

  it('cuts off a request that outlasts the drain', async () => {
    const arrived = gate();
    const never = {
      fetch: () => {
        arrived.open();
        return new Promise<Response>(() => undefined);
      },
    };
    const server = await listen(never, { port: 0, drainTimeoutMs: 50 });
    const request = fetch(`http://127.0.0.1:${server.port}/`);
    await arrived.passed;

    await Promise.all([expect(request).rejects.toThrow(), server.close(), server.close()]);
  });

  it.each(['before', 'after'])('cuts off a request at the abort %s it closes', async (when) => {
    const arrived = gate();
    const never = {
      fetch: () => {
        arrived.open();
        return new Promise<Response>(() => undefined);
      },
    };
    const server = await listen(never, { port: 0 });
    const request = fetch(`http://127.0.0.1:${server.port}/`);
    await arrived.passed;
    const abort = new AbortController();

    if (when === 'before') abort.abort();
    const closed = server.close(abort.signal);
    abort.abort();

    await Promise.all([expect(request).rejects.toThrow(), closed]);
  });
});

describe('the RPC listener', () => {
  async function takenPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () =>
        new Promise((resolve) =>
          server.close(() => {
            resolve();
          }),
        ),
    });
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  it('takes another port when its own is taken', async () => {
    const preferredPort = await takenPort();

    const rpc = await opened(listenForRpc(echo, { preferredPort, nextPort: () => 0 }));

    expect(rpc.port).not.toBe(preferredPort);
    expect(rpc.baseUrl).toBe(`http://127.0.0.1:${rpc.port}/durabletask/`);
  });

  it('gives up after ten ports', async () => {
    const port = await takenPort();
    let tries = 1;

    const rpc = listenForRpc(echo, {
      preferredPort: port,
      nextPort: () => {
        tries++;
        return port;
      },
    });

    await expect(rpc).rejects.toThrow(/Unable to find a port .* after 10 attempts/);
    expect(tries).toBe(10);
  });
});
