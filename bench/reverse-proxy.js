// A reverse proxy in front of the three services of Azurite, for who wants to count requests or to spoil some.
import http from 'node:http';

const SERVICES = ['blob', 'queue', 'table'];

/**
 * @param {Record<'blob'|'queue'|'table', number>} targets ports of Azurite
 * @param handle (service, request, forward) => Promise<answer | undefined>: `forward()` has storage do it, and gives its answer,
 * { status, headers, body }. The connection is broken where undefined comes back.
 */
export async function startReverseProxy(targets, handle) {
  const servers = await Promise.all(
    SERVICES.map((service) => startServer(service, targets[service], handle)),
  );
  const ports = servers.map((server) => server.address().port);
  return {
    ports: Object.fromEntries(SERVICES.map((service, i) => [service, ports[i]])),
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function startServer(service, port, handle) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  const server = http.createServer((request, response) => {
    handle(service, request, () => forward(request, port, agent)).then(
      (answer) => {
        if (answer === undefined) {
          response.destroy();
          return;
        }
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body);
      },
      // Storage has broken its connection, or the client has.
      () => response.destroy(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function forward(request, port, agent) {
  const { method, url, headers } = request;
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port, method, path: url, headers, agent };
    const upstream = http.request(target, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          body: Buffer.concat(chunks),
        });
      });
    });
    upstream.once('error', reject);
    request.once('error', reject);
    request.pipe(upstream);
  });
}
