/**
 * The storage accounts that bindings name by their `connection`. Each account is opened once, when the first binding asks for it.
 * Mirrors StorageAccountProvider of the WebJobs storage extension.
 */
import type { StorageClients } from '../azure-storage/clients/storage-clients.ts';
import { DurableError, InvalidInputError } from '../core/errors.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';

export type StorageService = 'blob' | 'queue' | 'table';

/**
 * Finds the account of a connection, which must have the service.
 * @throws {DurableError} that says which app setting is missing or wrong.
 */
export type OpenAccount = (connection: string, service: StorageService) => StorageClients;

const DEFAULT_CONNECTION = 'AzureWebJobsStorage';

export class StorageAccounts {
  readonly #open: OpenAccount;
  readonly #opened = new Map<string, StorageClients>();

  constructor(open: OpenAccount) {
    this.#open = open;
  }

  /** Why the account of the binding cannot be used and what to do; for `BindingExtension.supports`. */
  problemOf(binding: BindingInfo, service: StorageService): string | undefined {
    try {
      this.clientsOf(binding, service);
      return undefined;
    } catch (error) {
      if (error instanceof DurableError) return error.message;
      throw error;
    }
  }

  /** The clients of the account that the host itself uses. @throws {DurableError} when its app setting is missing or wrong. */
  hostClients(service: StorageService): StorageClients {
    return this.#clientsAt(DEFAULT_CONNECTION, service);
  }

  /**
   * The clients of the binding's account; only those of `service` are sure to work.
   * @throws {InvalidInputError} when `connection` is no text.
   * @throws {DurableError} when its app setting is missing or wrong.
   */
  clientsOf(binding: BindingInfo, service: StorageService): StorageClients {
    const { connection = DEFAULT_CONNECTION } = binding;
    if (typeof connection !== 'string') {
      throw new InvalidInputError(
        `its 'connection' must be the name of an app setting, such as "${DEFAULT_CONNECTION}".`,
      );
    }
    return this.#clientsAt(connection === '' ? DEFAULT_CONNECTION : connection, service);
  }

  #clientsAt(name: string, service: StorageService): StorageClients {
    const key = `${service} ${name}`;
    const clients = this.#opened.get(key) ?? this.#open(name, service);
    this.#opened.set(key, clients);
    return clients;
  }
}
