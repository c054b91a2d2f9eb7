/** Which functions of an app need a storage account beside the task hub, as they are declared: read before any of them runs. */
import { resolveAppSettings } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import {
  findStorageConnection,
  STANDARD_CONNECTION,
  type StorageConnection,
} from '../config/storage-connection.ts';
import type { StorageService } from '../config/identity-connection.ts';
import { DurableError } from '../core/errors.ts';
import { isClientType } from '../function-app/durable-client-input.ts';
import type { DeclaredFunction } from '../function-app/load-function-app.ts';
import { hubOfClient } from '../hub/durable-client.ts';
import { isOwnHub } from '../hub/management-address.ts';

export type DeclaredBindings = Pick<DeclaredFunction, 'name' | 'bindings' | 'isDisabled'>;

/** By the type of a binding, in lower case: what it needs of its account. */
const SERVICES: ReadonlyMap<string, readonly StorageService[]> = new Map([
  ['queuetrigger', ['queue']],
  ['queue', ['queue']],
  ['blobtrigger', ['blob']],
  ['blob', ['blob']],
  ['table', ['table']],
]);

/** Names of the functions, not disabled ones, with a binding to development storage, whatever the name of its connection. */
export function functionsInDevelopmentStorage(
  config: Config,
  functions: readonly DeclaredBindings[],
): readonly string[] {
  return functions
    .filter(({ isDisabled }) => !isDisabled)
    .filter(({ bindings }) => bindings.some((binding) => isInDevelopment(config, binding)))
    .map(({ name }) => name);
}

function isInDevelopment(config: Config, binding: unknown): boolean {
  if (typeof binding !== 'object' || binding === null) return false;
  const declared = binding as Readonly<Record<string, unknown>>;
  const { type, connection } = declared;
  if (typeof type !== 'string') return false;
  const services = SERVICES.get(type.toLowerCase());
  if (services !== undefined) {
    const isNamed = typeof connection === 'string' && connection !== '';
    const name = isNamed ? connection : STANDARD_CONNECTION;
    return connectionOf(config, name, services)?.account.isDevelopmentStorage === true;
  }
  if (!isClientType(type)) return false;
  // A client of another hub, in an account that the app names.
  const { connection: other } = hubOfClient(declared);
  if (other === undefined || isOwnHub({ connection: other }, config)) return false;
  return connectionOf(config, other)?.account.isDevelopmentStorage === true;
}

/** undefined for one that the binding itself will be refused for. */
function connectionOf(
  { environment }: Config,
  name: string,
  services?: readonly StorageService[],
): StorageConnection | undefined {
  try {
    return findStorageConnection(environment, resolveAppSettings(name, environment), services);
  } catch (error) {
    if (error instanceof DurableError) return undefined;
    throw error;
  }
}
