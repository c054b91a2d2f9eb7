// A reverse proxy in front of Azurite that counts requests, so that two engines are counted by the same measure.
import http from 'node:http';

const SERVICES = ['blob', 'queue', 'table'];

/** @param {Record<'blob'|'queue'|'table', number>} targets ports of Azurite */
export async function startCountingProxy(targets) {
  let counts = new Map();
  const servers = await Promise.all(
    SERVICES.map(
      (service) =>
        new Promise((resolve) => {
          const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
          const server = http.createServer((request, response) => {
            const operation = operationOf(service, request);
            const upstream = http.request(
              {
                host: '127.0.0.1',
                port: targets[service],
                method: request.method,
                path: request.url,
                headers: request.headers,
                agent,
              },
              (answer) => {
                const chunks = [];
                answer.on('data', (chunk) => chunks.push(chunk));
                answer.on('end', () => {
                  const body = Buffer.concat(chunks);
                  const isEmpty = operation === 'queue get' && !body.includes('<QueueMessage>');
                  const key = isEmpty ? 'queue get (empty)' : operation;
                  counts.set(key, (counts.get(key) ?? 0) + 1);
                  response.writeHead(answer.statusCode, answer.headers);
                  response.end(body);
                });
              },
            );
            upstream.on('error', () => response.destroy());
            request.pipe(upstream);
          });
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = Object.fromEntries(
    SERVICES.map((service, i) => [service, servers[i].address().port]),
  );
  return {
    ports,
    reset() {
      counts = new Map();
    },
    /** Requests by operation since the last reset. */
    counts: () => Object.fromEntries([...counts].sort()),
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function operationOf(service, request) {
  const path = new URL(request.url, 'http://localhost').pathname.split('/').slice(2);
  if (service === 'queue' && path[1] === 'messages') {
    const verbs = { GET: 'get', POST: 'put', DELETE: 'delete', PUT: 'update' };
    return `queue ${verbs[request.method]}`;
  }
  if (service === 'table') {
    if (path[0] === '$batch') return 'table batch';
    const verbs = {
      GET: 'query',
      POST: 'insert',
      PUT: 'replace',
      PATCH: 'merge',
      DELETE: 'delete',
    };
    return `table ${verbs[request.method] ?? request.method}`;
  }
  return `${service} ${request.method.toLowerCase()}`;
}
