/**
 * The keys API: /admin/host/{keys|functionkeys|systemkeys}[/{key}] and /admin/functions/{name}/keys[/{key}]. GET tells, POST makes a
 * new random value, PUT sets the one that is given, DELETE removes. Mirrors KeysController of the Functions host.
 */
import type { Hono, Context } from 'hono';
import { MASTER_KEY, type KeyRing, type KeyScope } from '../keys/key-ring.ts';
import { findKey, type NamedKey } from '../keys/secrets-document.ts';
import { parseRecord } from '../../base/json.ts';
import { emptyResponse, jsonResponse, messageResponse } from '../responses.ts';

export interface AdminKeys {
  /** undefined: the host runs without keys. */
  readonly ring: KeyRing | undefined;
  isFunction(name: string): boolean;
}

export const KEY_ROUTES = [
  '/host/keys',
  '/host/functionkeys',
  '/host/systemkeys',
  '/host/keys/:key',
  '/host/functionkeys/:key',
  '/host/systemkeys/:key',
  '/functions/:name/keys',
  '/functions/:name/keys/:key',
];

const HOST_SCOPES: readonly (readonly [segment: string, scope: KeyScope])[] = [
  ['keys', 'functionKeys'],
  ['functionkeys', 'functionKeys'],
  ['systemkeys', 'systemKeys'],
];

/** What a request is about, once all of it has been found. */
interface KeyCall {
  readonly ring: KeyRing;
  readonly scope: KeyScope;
  readonly context: Context;
}

type KeyOperation = (call: KeyCall, key: string) => Promise<Response>;

export function mountKeys(app: Hono, keys: AdminKeys): void {
  const mount = (path: string, scopeOf: (context: Context) => KeyScope | undefined): void => {
    const answer =
      (operation: KeyOperation) =>
      async (context: Context): Promise<Response> => {
        const { ring } = keys;
        if (ring === undefined) return keysAreOff();
        const scope = scopeOf(context);
        if (scope === undefined) return emptyResponse(404);
        return await operation({ ring, scope, context }, context.req.param('key') ?? '');
      };
    app.get(path, answer(listKeys));
    app.get(`${path}/:key`, answer(getKey));
    app.post(`${path}/:key`, answer(renewKey));
    app.put(`${path}/:key`, answer(setKey));
    app.delete(`${path}/:key`, answer(deleteKey));
  };
  for (const [segment, scope] of HOST_SCOPES) mount(`/host/${segment}`, () => scope);
  mount('/functions/:name/keys', (context) => {
    const functionName = context.req.param('name') ?? '';
    return keys.isFunction(functionName) ? { functionName } : undefined;
  });
}

const listKeys: KeyOperation = async ({ ring, scope, context }) => {
  const keys = await ring.list(scope);
  return view(200, { keys: keys.map(({ name, value }) => ({ name, value })) }, context);
};

const getKey: KeyOperation = async ({ ring, scope, context }, name) => {
  const key = await findIn(ring, scope, name);
  return key === undefined ? emptyResponse(404) : view(200, key, context);
};

const renewKey: KeyOperation = async (call, name) => {
  const { ring, scope, context } = call;
  if (isMasterKey(name, scope)) {
    return view(201, { name, value: await ring.putMaster() }, context);
  }
  const { value, isNew } = await ring.put(scope, name);
  return view(isNew ? 201 : 200, { name, value }, context);
};

const setKey: KeyOperation = async ({ ring, scope, context }, name) => {
  const value = readValue(await context.req.text());
  if (value === undefined) {
    return messageResponse(400, 'Invalid key value: the body must be {"name":"…","value":"…"}.');
  }
  if (isMasterKey(name, scope)) {
    return view(200, { name, value: await ring.putMaster(value) }, context);
  }
  const { isNew } = await ring.put(scope, name, value);
  return view(isNew ? 201 : 200, { name, value }, context);
};

const deleteKey: KeyOperation = async ({ ring, scope }, name) => {
  if (isMasterKey(name, scope)) return messageResponse(400, 'Cannot delete System Key.');
  return emptyResponse((await ring.remove(scope, name)) ? 204 : 404);
};

/** The master key shows among the system keys to whoever asks for it by name. */
async function findIn(ring: KeyRing, scope: KeyScope, name: string): Promise<NamedKey | undefined> {
  if (scope === 'systemKeys' && isMasterKey(name, scope)) {
    return { name: MASTER_KEY, value: await ring.masterKey() };
  }
  return findKey(await ring.list(scope), name);
}

function isMasterKey(name: string, scope: KeyScope): boolean {
  return typeof scope === 'string' && name.toLowerCase() === MASTER_KEY;
}

function view(status: number, body: object, context: Context): Response {
  const { origin, pathname } = new URL(context.req.url);
  const links = [{ rel: 'self', href: `${origin}${pathname}` }];
  return jsonResponse(status, JSON.stringify({ ...body, links }), { 'cache-control': 'no-store' });
}

function keysAreOff(): Response {
  return messageResponse(
    404,
    'This host runs without keys: everything is open. Start it with --enable-auth to have keys.',
  );
}

/** @returns undefined for a body without a value. */
function readValue(body: string): string | undefined {
  const members = Object.entries(parseRecord(body) ?? {});
  const value: unknown = members.find(([name]) => name.toLowerCase() === 'value')?.[1];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
