/** The management API as an HTTP function of the app: the one door that the host leaves open to us. */
import type { Config } from '../config/config.ts';
import type { FetchHandler } from '../http/responses.ts';
import type { AppLife } from './interception.ts';
import { managementRoute } from './public-address.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** `HttpRequest` of `@azure/functions` 4. */
interface RequestV4 {
  readonly url: string;
  readonly method: string;
  readonly headers: Iterable<[string, string]>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** `HttpRequest` of `@azure/functions` 3. */
interface RequestV3 {
  readonly url: string;
  readonly method: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly bufferBody?: Buffer;
}

/** @throws {Error} when the app has a function of that name. */
export function registerManagementFunction(
  life: AppLife,
  config: Config,
  door: FetchHandler,
): void {
  const { managementApi, managementFunction } = config.durableTask;
  const { name, authLevel } = managementFunction;
  const registered = life.register(
    {
      name,
      bindings: {
        request: {
          type: 'httpTrigger',
          direction: 'in',
          route: `${managementRoute(config)}/{*path}`,
          methods: METHODS,
          authLevel,
        },
        $return: { type: 'http', direction: 'out' },
      },
    },
    (...args) => answer(args, door),
  );
  // Registered all the same: by it the worker knows that functions are registered in code, and the host reads no function.json.
  if (managementApi === 'off') registered.dispose();
}

/** Both programming models call it, each in its way. */
async function answer(args: readonly unknown[], door: FetchHandler): Promise<object> {
  const [first, second] = args;
  const isV3 = typeof first === 'object' && first !== null && 'bindings' in first;
  const request = isV3 ? fromV3(second as RequestV3) : await fromV4(first as RequestV4);
  const response = await door.fetch(request);
  const headers = Object.fromEntries(response.headers);
  // The host counts for itself.
  delete headers['content-length'];
  const { status } = response;
  return { status, headers, body: Buffer.from(await response.arrayBuffer()) };
}

function fromV3({ url, method, headers, bufferBody }: RequestV3): Request {
  return toRequest({ url, method: method ?? 'GET', headers: Object.entries(headers) }, bufferBody);
}

async function fromV4(request: RequestV4): Promise<Request> {
  const { url, method } = request;
  return toRequest({ url, method, headers: [...request.headers] }, await request.arrayBuffer());
}

function toRequest(
  { url, method, headers }: { url: string; method: string; headers: [string, string][] },
  body: ArrayBuffer | Uint8Array | undefined,
): Request {
  const hasBody = body !== undefined && body.byteLength > 0 && !['GET', 'HEAD'].includes(method);
  return new Request(url, { method, headers, ...(hasBody && { body }) });
}
