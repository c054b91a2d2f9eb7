// What happens to the hosts of a soak while they work. A disturbance is { name, everyMs, strike() }: `strike` is called after pauses of
// about `everyMs`, one at a time, and resolves when things are as they were.
import { randomFrom } from './random.js';

/** @returns those that the options ask for. */
export function disturbancesOf({ killEveryMs }, { hosts, random }) {
  const kills = {
    name: 'kills',
    everyMs: killEveryMs,
    strike: () => hosts[Math.floor(random() * hosts.length)].killAndStart(),
  };
  return [kills].filter(({ everyMs }) => everyMs > 0);
}

/**
 * Lets the disturbances strike until `stop()`, which resolves when none is under way.
 * @param failed told of a strike that left things broken.
 */
export function disturb(disturbances, seed, failed) {
  const stopping = new AbortController();
  const counts = Object.fromEntries(disturbances.map(({ name }) => [name, 0]));
  const running = disturbances.map(async ({ name, everyMs, strike }, number) => {
    const random = randomFrom(seed + number);
    for (;;) {
      await pause(everyMs * (0.5 + random()), stopping.signal);
      if (stopping.signal.aborted) return;
      counts[name]++;
      await strike();
    }
  });
  for (const each of running) each.catch(failed);
  return {
    counts,
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** @returns once the time is over, or the signal says so. */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
  });
}
