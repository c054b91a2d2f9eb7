// A client of the management API that costs little, since it shares the machine with what is measured: Node's own `http`, with
// connections that stay open.
import http from 'node:http';

const agent = new http.Agent({ keepAlive: true });

/** @returns {Promise<{ status: number, headers: object, text: string }>} */
export function send(method, url, { body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      {
        method,
        agent,
        headers: {
          ...headers,
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        },
      },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode, headers: response.headers, text });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** @returns the id of the new instance. */
export async function start({ management }, name, input) {
  const { status, text } = await send('POST', `${management}/orchestrators/${name}?code=x`, {
    body: JSON.stringify(input ?? null),
  });
  if (status !== 202) throw new Error(`a start of ${name} answered ${status}: ${text}`);
  return JSON.parse(text).id;
}

/** Starts an instance, and resolves when its outcome is stored. @throws {Error} unless it completes. */
export async function startAndWait({ management }, name, input) {
  const query = 'code=x&timeout=600&pollingInterval=60';
  const { status, text } = await send('POST', `${management}/orchestrators/${name}?${query}`, {
    body: JSON.stringify(input ?? null),
  });
  const outcome = JSON.parse(text);
  if (status !== 200 || outcome?.runtimeStatus !== undefined) {
    throw new Error(`${name} answered ${status}: ${text.slice(0, 300)}`);
  }
}
