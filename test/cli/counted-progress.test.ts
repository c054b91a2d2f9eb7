import { expect, it, vi } from 'vitest';
import { countedProgress } from '../../src/cli/commands/durable/counted-progress.ts';
import { terminal } from '../../src/cli/output.ts';

/** What is shown when so many are done, of so many, after a minute. */
function shownAt(count: number, total: number | undefined): string {
  vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(60_000);
  let shown = '';
  const progress = (text: string): void => {
    shown = text;
  };
  countedProgress({ ...terminal, progress }, 'instances deleted').at(count, total);
  vi.restoreAllMocks();
  return shown;
}

it.each([
  [30_000, undefined, '[            ======  ] 30,000 instances deleted, 500 a second, 60 s'],
  [0, 40_000, '[                    ] 0 %, 0 of 40,000 instances deleted, 0 a second, 60 s'],
  [
    30_000,
    40_000,
    '[===============     ] 75 %, 30,000 of 40,000 instances deleted, 500 a second, 60 s',
  ],
  [
    39_999,
    40_000,
    '[=================== ] 99 %, 39,999 of 40,000 instances deleted, 667 a second, 60 s',
  ],
  [
    40_000,
    40_000,
    '[====================] 100 %, 40,000 of 40,000 instances deleted, 667 a second, 60 s',
  ],
])('%s of %s are shown as %s', (count, total, text) => {
  expect(shownAt(count, total)).toBe(text);
});
