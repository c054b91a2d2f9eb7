/** What the outside world tells the engine, so that tests can say it instead. */
export interface Ambient {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A random id: 32 lower-case hex digits. */
  newId(): string;
}

/** A random id of a span: 16 lower-case hex digits. */
export function newSpanId(ambient: Pick<Ambient, 'newId'>): string {
  // The first half of a GUID has digits that are not random.
  return ambient.newId().slice(16);
}
