// What happens to the hosts and the storage of a soak while they work. A disturbance is { name, everyMs, strike() }: `strike` is called after
// pauses of about `everyMs`, one at a time, and resolves when things are as they were.
import { randomFrom } from './random.js';

/** Longer than a partition belongs to whoever does not renew it. */
const FREEZE_MS = [5_000, 45_000];
const PAUSE_MS = [1_000, 20_000];
const STORM_MS = [2_000, 15_000];

/** @returns those that the options ask for. */
export function disturbancesOf(options, { hosts, storage, random }) {
  const between = ([least, most]) => least + random() * (most - least);
  const anyHost = () => hosts[Math.floor(random() * hosts.length)];
  const all = [
    { name: 'kills', everyMs: options.killEveryMs, strike: () => anyHost().killAndStart() },
    {
      name: 'freezes',
      everyMs: options.freezeEveryMs,
      strike: () => anyHost().freeze(between(FREEZE_MS)),
    },
    {
      name: 'pauses',
      everyMs: options.pauseEveryMs,
      strike: () => storage.pause(between(PAUSE_MS)),
    },
    {
      name: 'storms',
      everyMs: options.stormEveryMs,
      strike: () => storage.storm(between(STORM_MS)),
    },
  ];
  return all.filter(({ everyMs }) => everyMs > 0);
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
