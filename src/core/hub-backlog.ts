/** What waits in a task hub, as its storage tells: counts and ages, from which follows how many workers the hub wants. */

export interface QueueBacklog {
  /** For people: `orders-control-00`. */
  readonly name: string;
  /** Messages that a worker can take now. */
  readonly waiting: number;
  /** Messages in the hands of workers, and those that are due later. Storage may not tell the one from the other. */
  readonly hidden: number;
  /**
   * How long the oldest of the messages that wait could have been taken, among those that no worker ever had; undefined when there
   * is none, or storage does not tell.
   */
  readonly oldestWaitingMs: number | undefined;
}

export interface HubBacklog {
  /** For orchestrations and entities. One worker reads a queue at a time. */
  readonly controlQueues: readonly QueueBacklog[];
  /** For activities, which every worker takes. */
  readonly workItems: QueueBacklog;
  /**
   * When, at the earliest, a hidden message of a control queue has to be taken: a timer, say. 0 also where storage does not tell;
   * undefined when nothing is hidden.
   */
  readonly nextDueInMs: number | undefined;
  /** Processes that own a part of the hub. Those that only run activities are not seen. */
  readonly processes: number;
  /** How many the storage lets work on the hub at a time; undefined for any number. */
  readonly workerLimit: number | undefined;
}
