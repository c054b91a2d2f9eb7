/** A disk of a few megabytes that a test fills, in a folder of its own. Not every machine lets a process mount one. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const BLOCK = Buffer.alloc(4_096);

export class SmallDisk {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'small-disk-'));
  readonly #filling = path.join(this.folder, 'of-others');

  private constructor(megabytes: number) {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.folder];
    execFileSync('mount', options, { stdio: 'pipe' });
  }

  /** @returns why there is none, where this process may not. */
  static mount(megabytes: number): SmallDisk | string {
    try {
      return new SmallDisk(megabytes);
    } catch (error) {
      return `A small disk cannot be mounted: ${String(error)}`;
    }
  }

  /** Until nothing fits any more. */
  fill(): void {
    const file = openSync(this.#filling, 'a');
    try {
      for (;;) writeSync(file, BLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  /** What filled it is gone. */
  makeRoom(): void {
    if (existsSync(this.#filling)) rmSync(this.#filling);
  }

  remove(): void {
    execFileSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
