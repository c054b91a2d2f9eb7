/**
 * Where others tell this worker that something waits for it, so that it need not find it by polling, and ask what it executes. A ring is a hint and nothing
 * else: it is not answered by work but by a poll, one that gets lost is made good by the next poll, and one too many costs a request.
 *
 * The address is written down beside what the worker owns of the hub, with a key that is new in each process: who can read the
 * storage of the hub, and nobody else, can ring and ask.
 */
import { randomBytes } from 'node:crypto';
import type { RunningNow } from '../../core/running-now.ts';

/**
 * What waits: messages in the control queue of a partition, or in the queue of activities, which is everybody's; or partitions to be had,
 * and workers that have come.
 */
export type Waiting = number | 'activities' | 'partitions';

export interface DoorbellAddress {
  /** What waits is added to it as the last segment of the path: `http://127.0.0.1:17071/doorbell`. */
  readonly url: string;
  /** A secret. */
  readonly key: string;
}

export class Doorbell {
  readonly key = randomBytes(32).toString('base64url');
  #url: string | undefined;
  #answer: (waiting: Waiting) => boolean = () => false;
  #running: ((count: number) => RunningNow) | undefined;

  /** undefined while nobody can ring. */
  get address(): DoorbellAddress | undefined {
    return this.#url === undefined ? undefined : { url: this.#url, key: this.key };
  }

  /** From now on others find it there. @param url where requests come to `ring`. */
  hangAt(url: string): void {
    this.#url = url;
  }

  /** @param answer polls; false when this process does not read that queue. */
  onRing(answer: (waiting: Waiting) => boolean): void {
    this.#answer = answer;
  }

  /** @param running what this process executes at the moment. */
  onAsked(running: (count: number) => RunningNow): void {
    this.#running = running;
  }

  /** @param count of the functions that have run longest. @returns undefined where nothing is executed for the hub. */
  running(count: number): RunningNow | undefined {
    return this.#running?.(count);
  }

  /** @returns false when it is the wrong door: who rang has to look again who owns what. */
  ring(waiting: Waiting): boolean {
    return this.#answer(waiting);
  }
}
