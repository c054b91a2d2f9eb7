/**
 * The time of a step as history has it, told apart from that of any other step: below the millisecond, which no clock here
 * tells, it counts. Answers are known by it (see `core/answered-request.ts`): a step that could not be stored runs again within
 * the same millisecond, be it in this process, and asks for something else under the same event ids.
 */
import { toInstant } from '../../base/instant.ts';
import type { Ambient } from '../ambient.ts';

const PER_MILLISECOND = 10_000;

export class StepTimes {
  readonly #ambient: Pick<Ambient, 'now'>;
  #count: number;

  /** Processes begin to count at different numbers. */
  constructor(ambient: Ambient) {
    this.#ambient = ambient;
    this.#count = Number.parseInt(ambient.newId().slice(0, 8), 16) || 0;
  }

  /** Now. @returns ISO 8601, UTC, with seven fractional digits. */
  next(): string {
    this.#count = (this.#count + 1) % PER_MILLISECOND;
    return toInstant(this.#ambient.now(), this.#count);
  }
}
