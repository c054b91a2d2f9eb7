/** What GET /storage/contents, GET /storage/queues/{queueName}/messages and GET /poison answer. */

export interface Contents {
  readonly contents: readonly {
    readonly name: string;
    readonly what: string;
    readonly items: number | null;
    readonly bytes: number | null;
    readonly isComplete: boolean;
  }[];
}

export interface QueuedMessage {
  readonly instanceId: string | null;
  readonly eventType: string | null;
  readonly taskEventId: number | null;
  readonly name: string | null;
  readonly insertedTime: string | null;
  readonly dueTime: string | null;
  readonly dequeueCount: number;
  readonly body: string;
}

export interface Messages {
  /** null where storage does not show messages before their time. */
  readonly messages: readonly QueuedMessage[] | null;
}

export interface PoisonSummary {
  readonly id: string;
  readonly setAsideTime: string;
  readonly reason: string;
  readonly origin: string;
  readonly dequeueCount: number;
  readonly instanceId: string | null;
  readonly eventType: string | null;
}

/** `12.3 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Number((bytes / 1000 ** power).toFixed(1))} ${units[power] ?? ''}`;
}
