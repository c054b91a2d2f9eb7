/** What the outside world tells the engine, so that tests can say it instead. */
export interface Ambient {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A random id: 32 lower-case hex digits. */
  newId(): string;
}
