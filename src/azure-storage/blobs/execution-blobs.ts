/**
 * Which blobs hold long columns of an instance's current execution, so that they can go when the execution is replaced.
 * Only instances with such blobs are remembered, and only the latest of them: what is forgotten goes with a purge.
 */
import type { InstanceId } from '../../core/ids.ts';

const MAX_INSTANCES = 10_000;

export class ExecutionBlobs {
  readonly #names = new Map<InstanceId, readonly string[]>();

  /** The execution was loaded: these are all. */
  set(instanceId: InstanceId, names: readonly string[]): void {
    this.#names.delete(instanceId);
    if (names.length === 0) return;
    this.#names.set(instanceId, names);
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= MAX_INSTANCES) break;
      this.#names.delete(oldest);
    }
  }

  add(instanceId: InstanceId, names: readonly string[]): void {
    if (names.length > 0) this.set(instanceId, [...(this.#names.get(instanceId) ?? []), ...names]);
  }

  /** Forgets the blobs of the instance, and names them. */
  take(instanceId: InstanceId): readonly string[] {
    const names = this.#names.get(instanceId) ?? [];
    this.#names.delete(instanceId);
    return names;
  }
}
