import { expect, it } from 'vitest';
import { EarlyReplays } from '../../../src/engine/orchestrations/early-replays.ts';

function chosen(names: readonly string[]): number {
  const replays = new EarlyReplays();
  return names.filter((name) => replays.choose(name)).length;
}

it('takes a name in any case for one function', () => {
  const names = Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? 'Hello' : 'HELLO'));

  expect(chosen(names)).toBe(17);
});
