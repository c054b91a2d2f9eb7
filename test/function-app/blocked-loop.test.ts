import { afterEach, describe, expect, it } from 'vitest';
import { watchEventLoop } from '../../src/function-app/runs/blocked-loop.ts';
import { FunctionRunScope, runInScope } from '../../src/function-app/runs/function-run.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';

let stop: () => void;
afterEach(() => {
  stop();
});

/** What the log says of it when `work` blocks the event loop for a while. */
async function said(work: (block: () => void) => unknown): Promise<string> {
  const logged: string[] = [];
  const log = { write: ({ message }: LogRecord) => logged.push(message) };
  stop = watchEventLoop(log, { lookEveryMs: 20, blockedFromMs: 600 });
  work(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  });
  await eventually(() => logged.length > 0);
  return logged[0] ?? '';
}

function run(name: string, work: () => Promise<unknown>): Promise<unknown> {
  const scope = new FunctionRunScope(name, `${name}-id`);
  return runInScope(scope, () => scope.guard(work));
}

describe('an event loop that was blocked', () => {
  it('is laid to the function that began by keeping the thread', async () => {
    const text = await said((block) => {
      void run('Other', () => new Promise(() => undefined));
      // eslint-disable-next-line @typescript-eslint/require-await -- as user code may be
      void run('Crunch', async () => {
        block();
      });
    });

    expect(text).toMatch(
      /^The event loop was blocked for 1 s by 'Crunch' \(Id: 'Crunch-id'\)\. Nothing else/,
    );
  });

  it('names those that ran when it is not certain which one it was', async () => {
    const text = await said((block) => {
      void run('Crunch', async () => {
        await Promise.resolve();
        block();
      });
    });

    expect(text).toContain('blocked for 1 s while these ran: ');
    expect(text).toContain("'Crunch' (Id: 'Crunch-id')");
  });
});
