/** What the embedded store cannot hold. */
import type { BackendLimits } from '../core/backend-limits.ts';

/**
 * In UTF-16 units, as in Azure Storage: a hub can move there. A key of the database holds 1978 bytes, and such an id has 1536 at
 * most.
 */
const MAX_ID_LENGTH = 512;
/** As in Azure Storage: a hub can move there. A text of the runtime, which a row is, holds twice as much. */
const MAX_PAYLOAD_BYTES = 255 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Timers are sliced as in Azure Storage, so that an app's histories look the same. */
export const LOCAL_LIMITS: BackendLimits = {
  idProblem: (id) =>
    id.length > MAX_ID_LENGTH ? `must not exceed ${MAX_ID_LENGTH} characters` : undefined,
  maxPayloadBytes: MAX_PAYLOAD_BYTES,
  maxTimerMs: 6 * DAY_MS,
  timerSliceMs: 3 * DAY_MS,
};
