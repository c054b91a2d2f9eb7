/** The `durableClient` binding over the hubs of an app: what it hands to functions, and what it starts for them. */
import type { Config } from '../config/config.ts';
import {
  durableClientBinding,
  type DurableClientBinding,
} from '../function-app/durable-client-input.ts';
import {
  durableClientInput,
  type ManagementUrlOptions,
} from '../http/management/management-urls.ts';
import type { AppHubs } from './app-hubs.ts';
import { hubBaseUrl } from './hub-path.ts';
import { linkOrigin, type HubAddress } from './management-address.ts';

export interface DurableClientSurroundings {
  readonly config: Config;
  readonly hubs: AppHubs;
  /** What links begin with where neither host.json nor the site says it: `http://localhost:7071`. */
  readonly url: string;
  /** How links are made. Asked at each run of a function: keys rotate. */
  readonly urls: () => ManagementUrlOptions;
  /** Asked at each run of a function; undefined when there is no RPC endpoint. */
  readonly rpcBaseUrl: () => string | undefined;
  /** Throws when a function of the app may not be started. */
  readonly checkStart: (functionName: string) => void;
}

export function durableClientOf(around: DurableClientSurroundings): DurableClientBinding {
  const { config, hubs } = around;
  return durableClientBinding({
    isLive: around.urls().sign !== undefined,
    clientData: (binding) => {
      const hub = hubOfClient(binding);
      hubs.admit(hub);
      const isOtherHub = !hubs.isOwn(hub);
      const rpcBaseUrl = around.rpcBaseUrl();
      return durableClientInput({
        origin: linkOrigin(config, around.url),
        urls: { ...around.urls(), ...(isOtherHub && hub) },
        rpcBaseUrl: rpcBaseUrl && isOtherHub ? hubBaseUrl(rpcBaseUrl, hub) : rpcBaseUrl,
        isOtherHub,
      });
    },
    start: async ({ functionName, input, instanceId }, binding) => {
      const hub = hubOfClient(binding);
      if (hubs.isOwn(hub)) around.checkStart(functionName);
      const client = await hubs.clientOfApp(hub);
      await client.start({
        name: functionName,
        input,
        ...(instanceId !== undefined && { instanceId }),
      });
    },
  });
}

/** The hub that a binding means; what is absent is the host's own. */
export function hubOfClient(binding: Readonly<Record<string, unknown>>): HubAddress {
  const taskHub = textOf(binding['taskHub']);
  const connection = textOf(binding['connectionName']) ?? textOf(binding['connection']);
  return { ...(taskHub && { taskHub }), ...(connection && { connection }) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
