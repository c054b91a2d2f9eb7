/** GET /admin/host/status and GET|POST /admin/host/ping: whether the host lives, for people, probes and deployment tools. */
import type { Context } from 'hono';
import { emptyResponse, jsonResponse } from '../responses.ts';

/** `degraded`: the host lives, and what is durable waits. */
export interface HostHealth {
  readonly status: 'ok' | 'degraded';
  /** One sentence, for people. */
  readonly reason?: string;
  /** ISO 8601, UTC. */
  readonly since?: string;
}

/** Mirrors HostStatus of the Functions host. */
interface HostStatus {
  /** Of the host, equal for all its processes. */
  readonly id: string;
  readonly state:
    | 'Default'
    | 'Starting'
    | 'Initialized'
    | 'Running'
    | 'Error'
    | 'Stopping'
    | 'Stopped'
    | 'Offline';
  readonly version: string;
  readonly versionDetails: string;
  /** Of this process. */
  readonly instanceId: string;
  readonly computerName: string;
  readonly processUptimeMs: number;
  /** One line each. */
  readonly errors: readonly string[];
  /** Of ours; tools of the Functions host pass over it. */
  readonly health: HostHealth;
}

export interface AdminHost {
  status(): HostStatus;
}

export function hostStatus(host: AdminHost): Response {
  const { processUptimeMs, errors, ...status } = host.status();
  return jsonResponse(
    200,
    JSON.stringify({
      ...status,
      platformVersion: '',
      processUptime: Math.round(processUptimeMs),
      functionAppContentEditingState: 'NotAllowed',
      errors: errors.length === 0 ? null : errors,
    }),
  );
}

export function ping(_context: Context): Response {
  return emptyResponse(200);
}
