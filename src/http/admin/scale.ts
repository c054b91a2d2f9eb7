/**
 * GET /admin/host/scale: how many workers the hub wants, and why. `wantedWorkers` is a number at the top, where the `metrics-api`
 * scaler of KEDA looks for it.
 */
import type { ScaleSignal } from '../../engine/scale-signal.ts';
import { jsonResponse } from '../responses.ts';

export type AdminScale = Pick<ScaleSignal, 'report'>;

/** @throws {BackendUnavailableError} which answers 503: scalers then leave things as they are. */
export async function hostScale(scale: AdminScale): Promise<Response> {
  const { backlog, ...report } = await scale.report();
  return jsonResponse(200, JSON.stringify({ ...report, ...backlog }), {
    'cache-control': 'no-store',
  });
}
