/**
 * GET /healthz and /readyz, for those who start, stop and route to containers. They need no key.
 *
 * A host that lives is never unhealthy for what its storage does: to be started again would help nobody. It is not ready while
 * storage is away, since whatever is durable would have to refuse.
 */
import type { HostHealth } from './admin/host-status.ts';
import { emptyResponse, jsonResponse } from './responses.ts';

export interface ProbeOptions {
  readonly health: () => HostHealth;
  /** Whether everybody may know the reason: it names queues and tables. */
  readonly tellsReason: boolean;
}

/** @returns undefined when the request is for nothing of this. */
export function answerProbe(options: ProbeOptions, request: Request): Response | undefined {
  const { pathname } = new URL(request.url);
  const isReadiness = pathname === '/readyz';
  if (!isReadiness && pathname !== '/healthz') return undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD') return emptyResponse(405);
  const { status, reason, since } = options.health();
  const code = status !== 'ok' && isReadiness ? 503 : 200;
  const body = { status, ...(options.tellsReason ? { reason } : {}), since };
  return jsonResponse(code, JSON.stringify(body), { 'cache-control': 'no-store' });
}
