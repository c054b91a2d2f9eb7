/** The management API as the SDK clients of the app call it: by a loopback port, without keys. */
import type { Config } from '../config/config.ts';
import { LocalCallers } from '../http/local-callers.ts';
import { createManagementAccess } from '../http/management/management-access.ts';
import type { ManagementUrlOptions } from '../http/management/management-urls.ts';
import type { FetchHandler } from '../http/responses.ts';
import { RPC_BASE_PATH } from '../http/rpc-listener.ts';
import { withHubInQuery } from './hub-path.ts';
import { linkOrigin } from './management-address.ts';
import type { WorkingHub } from './working-hub.ts';

export interface RpcDoorOptions {
  readonly config: Config;
  /** How links in answers are made: they are for others. */
  readonly urls: ManagementUrlOptions;
  /** What links begin with where neither host.json nor the site says it. */
  readonly url: string;
  readonly managementApp: WorkingHub['managementApp'];
}

/** @returns serves paths below `RPC_BASE_PATH`. */
export function createRpcDoor(options: RpcDoorOptions): FetchHandler {
  const { config, urls, url, managementApp } = options;
  return withHubInQuery(
    managementApp({
      basePath: RPC_BASE_PATH,
      urls,
      publicOrigin: linkOrigin(config, url),
      access: createManagementAccess({
        keys: undefined,
        signedLinks: undefined,
        isReadOnly: false,
        callers: new LocalCallers(),
      }),
      repeatsHistory: true,
    }),
  );
}
