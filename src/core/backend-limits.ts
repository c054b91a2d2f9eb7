/**
 * What one storage cannot hold, as a value that its adapter gives: the rules of `core` ask it instead of knowing numbers of
 * Azure. Limits of the product itself (the 100 characters of an id that a client chooses, the 16 KB of a custom status) are
 * not here: they are the same over every storage.
 */
export interface BackendLimits {
  /**
   * Why the storage could never hold an instance or entity with this id: it would be started, or asked, again and again.
   * Completes "The id …", such as `must not exceed 512 characters`; undefined when it is fine.
   */
  readonly idProblem: (id: string) => string | undefined;
  /**
   * The longest payload (a result, an input, the state of an entity), as a string within JSON and in UTF-8. Longer ones are refused
   * before they get here. Infinity where there is no limit.
   */
  readonly maxPayloadBytes: number;
  /**
   * The longest time for which the storage can keep a message back. A timer that is longer is made of slices. The SDKs count
   * the slices, so they must be told the same.
   */
  readonly maxTimerMs: number;
  /** How long each slice of a timer is that exceeds `maxTimerMs`. At most `maxTimerMs`. */
  readonly timerSliceMs: number;
}

/** How long a timer may be. */
export type TimerLimits = Pick<BackendLimits, 'maxTimerMs' | 'timerSliceMs'>;
