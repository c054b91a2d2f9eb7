// A reverse proxy in front of Azurite that counts requests, so that two engines are counted by the same measure.
import { startReverseProxy } from './reverse-proxy.js';

/** @param {Record<'blob'|'queue'|'table', number>} targets ports of Azurite */
export async function startCountingProxy(targets) {
  let counts = new Map();
  const proxy = await startReverseProxy(targets, async (service, request, forward) => {
    const operation = operationOf(service, request);
    const answer = await forward();
    const isEmpty = operation === 'queue get' && !answer.body.includes('<QueueMessage>');
    const key = isEmpty ? 'queue get (empty)' : operation;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return answer;
  });
  return {
    ports: proxy.ports,
    reset() {
      counts = new Map();
    },
    /** Requests by operation since the last reset. */
    counts: () => Object.fromEntries([...counts].sort()),
    close: () => proxy.close(),
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
