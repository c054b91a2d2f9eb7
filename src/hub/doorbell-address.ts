/** Where other workers of the hub find the doorbell of this one: on the loopback port of the SDK clients, or where host.json says. */
import type { Doorbell } from '../azure-storage/wake-ups/doorbell.ts';
import { DOORBELL_KEY_HEADER } from '../azure-storage/wake-ups/call-doorbell.ts';
import type { Config } from '../config/config.ts';
import { createDoorbellApp } from '../http/doorbell-app.ts';
import { isBelow } from '../http/canonical-path.ts';
import type { FetchHandler } from '../http/responses.ts';
import type { RpcListener } from '../http/rpc-listener.ts';

/** On the loopback port. */
const RPC_DOORBELL_PATH = '/doorbell';
/** On the public port, which has it only where `wakeUpUrl` is set. */
export const PUBLIC_DOORBELL_PATH = '/runtime/webhooks/doorbell';

/** @param path one of the above. */
export function doorbellAt(path: string, doorbell: Doorbell): FetchHandler {
  return createDoorbellApp({
    path,
    key: doorbell.key,
    keyHeader: DOORBELL_KEY_HEADER,
    ring: (waiting) => doorbell.ring(waiting),
    running: (count) => doorbell.running(count),
  });
}

export interface DoorbellPlaces {
  readonly config: Config;
  readonly rpc: Pick<RpcListener, 'port'> | undefined;
  /**
   * Whether this process alone answers at the public port: elsewhere who rings there could not say for whom, and `wakeUpUrl` has
   * no effect.
   */
  readonly hasPublicPort: boolean;
}

/** The loopback port, with the doorbell beside `app`. */
export function withDoorbell(doorbell: Doorbell, app: FetchHandler): FetchHandler {
  const door = doorbellAt(RPC_DOORBELL_PATH, doorbell);
  return {
    fetch: (request) =>
      isBelow(new URL(request.url).pathname, RPC_DOORBELL_PATH)
        ? door.fetch(request)
        : app.fetch(request),
  };
}

/** Others get to know the address with the next row that is written of this worker: before it begins to work. */
export function hangDoorbell(
  doorbell: Doorbell,
  { config, rpc, hasPublicPort }: DoorbellPlaces,
): void {
  const { wakeUpUrl } = config.durableTask;
  if (wakeUpUrl !== undefined && hasPublicPort) {
    const { origin, pathname } = new URL(wakeUpUrl);
    doorbell.hangAt(`${origin}${pathname.replace(/\/+$/, '')}${PUBLIC_DOORBELL_PATH}`);
  } else if (rpc !== undefined) {
    doorbell.hangAt(`http://127.0.0.1:${rpc.port}${RPC_DOORBELL_PATH}`);
  }
}
