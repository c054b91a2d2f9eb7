/** What a hub keeps where, as far as its storage counts it: for people. */
export interface HubContents {
  /** Of the container, table or file: `orders-largemessages`. */
  readonly name: string;
  /** What is in it, for people: `large payloads`. */
  readonly what: string;
  /** undefined where storage does not count. */
  readonly items: number | undefined;
  /** undefined where storage does not tell. */
  readonly bytes: number | undefined;
  /** False when there are more items than may be looked at: `items` and `bytes` are of the first ones. */
  readonly isComplete: boolean;
}
