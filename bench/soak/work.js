// The kinds of work of a soak. What an instance has to end with follows from its input alone, so that an instance whose start was
// never acknowledged is checked as well as any other. Their orchestrations are in app/functions.js.
import { between, several } from './random.js';

/**
 * Of each kind: an input, made from chance; the outcome that it must have; and, where an instance waits for somebody, what is asked
 * of it, in steps that may be done again.
 */
export const KINDS = {
  Chain: {
    input: (random) => ({ steps: between(random, 1, 12) }),
    outcome: ({ steps }) => completed(sumOfSquares(steps)),
  },
  FanOut: {
    input: (random) => ({ width: between(random, 1, 25) }),
    outcome: ({ width }) => completed(sumOfSquares(width)),
  },
  Children: {
    input: (random) => ({ steps: several(random, 1, 4, () => between(random, 1, 5)) }),
    outcome: ({ steps }) => completed(steps.map(sumOfSquares)),
  },
  Calls: { input: amountsFrom, outcome: sumOfAmounts },
  Locks: {
    input: (random) => ({ pair: `pair-${between(random, 1, 5)}`, amount: between(random, 1, 9) }),
    outcome: () => completed(0),
  },
  Signals: { input: amountsFrom, outcome: sumOfAmounts },
  Timers: {
    input: (random) => ({ pausesMs: several(random, 1, 3, () => between(random, 1, 1500)) }),
    outcome: ({ pausesMs }) => completed(pausesMs.length),
  },
  Events: {
    input: (random) => ({ names: several(random, 1, 4, () => keyFrom(random)) }),
    outcome: ({ names }) => completed(names.map((name) => `for ${name}`)),
    steps: ({ names }) =>
      names.map((name) => ({ operation: `raiseEvent/${name}`, body: `for ${name}` })),
  },
  Race: {
    input: (random) => ({ limitMs: between(random, 1, 1500) }),
    outcome: () => completed('in time'),
  },
  Generations: {
    input: (random) => ({ left: between(random, 1, 8), sum: 0 }),
    outcome: ({ left, sum }) => completed(sum + sumOfSquares(left)),
  },
  Retries: {
    input: (random) => ({ text: keyFrom(random) }),
    outcome: ({ text }) => completed(text),
  },
  Large: {
    input: (random) => ({ words: between(random, 10_000, 30_000) }),
    outcome: ({ words }) => completed(words * 5),
  },
  Fails: {
    input: (random) => ({ reason: keyFrom(random) }),
    outcome: ({ reason }) => ({ runtimeStatus: 'Failed', includes: `as it should: ${reason}` }),
  },
  Endless: {
    input: (random) => ({ reason: keyFrom(random) }),
    outcome: ({ reason }) => ({ runtimeStatus: 'Terminated', output: reason }),
    steps: ({ reason }) => [{ operation: `terminate?reason=${reason}` }],
  },
};

/** What is wrong with an instance that has ended; undefined when nothing is. @param instance its `input` is that of its start. */
export function problemOf({ name, input, runtimeStatus, output }) {
  const expected = KINDS[name].outcome(input);
  const isRight =
    runtimeStatus === expected.runtimeStatus &&
    (expected.includes === undefined
      ? JSON.stringify(output) === JSON.stringify(expected.output)
      : String(output).includes(expected.includes));
  if (isRight) return undefined;
  const found = JSON.stringify({ runtimeStatus, output }).slice(0, 300);
  return `is ${found} and should be ${JSON.stringify(expected).slice(0, 300)}`;
}

/** For an entity of its own. */
function amountsFrom(random) {
  return {
    key: keyFrom(random),
    amounts: several(random, 1, 6, () => between(random, 1, 9)),
  };
}

function sumOfAmounts({ amounts }) {
  return completed(amounts.reduce((sum, amount) => sum + amount, 0));
}

function completed(output) {
  return { runtimeStatus: 'Completed', output };
}

function sumOfSquares(most) {
  return (most * (most + 1) * (2 * most + 1)) / 6;
}

/** Begins with a letter: a reason that reads as a number is shown as one. */
function keyFrom(random) {
  return `k${between(random, 1, 2 ** 52).toString(36)}`;
}
