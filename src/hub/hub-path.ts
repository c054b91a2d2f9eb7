/**
 * SDK clients call the loopback port without saying which hub they mean. Those of other hubs than the host's own therefore get
 * an address of their own: `…/durabletask/hubs/<task hub>/<connection>/`.
 */
import { requestTo } from '../http/native-request.ts';
import type { FetchHandler } from '../http/responses.ts';
import { RPC_BASE_PATH } from '../http/rpc-listener.ts';
import type { HubAddress } from './management-address.ts';

const DEFAULT = '-';
const HUB_PATH = new RegExp(`^${RPC_BASE_PATH}/hubs/([^/]+)/([^/]+)(/.*)$`);

/** @param rpcBaseUrl ends in `/`. */
export function hubBaseUrl(rpcBaseUrl: string, { taskHub, connection }: HubAddress): string {
  const names = [taskHub ?? DEFAULT, connection ?? DEFAULT].map(encodeURIComponent);
  return `${rpcBaseUrl}hubs/${names.join('/')}/`;
}

/** Moves the hub from the path to the query, unless the query has one. */
export function withHubInQuery(handler: FetchHandler): FetchHandler {
  return {
    fetch(request) {
      const url = new URL(request.url);
      const [, taskHub, connection, rest] = HUB_PATH.exec(url.pathname) ?? [];
      if (taskHub === undefined || connection === undefined || rest === undefined) {
        return handler.fetch(request);
      }
      url.pathname = `${RPC_BASE_PATH}${rest}`;
      for (const [name, value] of Object.entries({ taskHub, connection })) {
        if (value !== DEFAULT && !url.searchParams.has(name)) {
          url.searchParams.set(name, decoded(value));
        }
      }
      return handler.fetch(requestTo(url, request));
    },
  };
}

/** What is no right encoding stays as it is: there is no such hub. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}
