// What a soak is asked to do.
import { parseArgs } from 'node:util';

export const USAGE = `npm run soak -- [options]
  --minutes <n>          for how long work is started; 0.5 is half a minute (default: 10)
  --storage <name>       local, or azure: an Azurite of its own (default: local)
  --workers <n>          hosts on the one hub; more than one with azure only (default: 1)
  --kill-every <time>    a host is killed (SIGKILL) after such a pause, by chance a half longer or shorter; 0 never (default: 20s)
  --freeze-every <time>  a host is stopped (SIGSTOP) for 5 to 45 s, which is longer than its leases last (default: 90s)
  --pause-every <time>   storage is stopped for 1 to 20 s; with azure only (default: 60s)
  --storm-every <time>   for 2 to 15 s every fifth request to storage is refused, cut off, late, or done and not answered; with azure
                         only (default: 45s)
  --in-flight <n>        instances at a time (default: 40)
  --seed <n>             repeats the choices of another run (default: by the clock; it is printed)`;

const SECONDS = { ms: 0.001, s: 1, m: 60 };

/** @throws {Error} one line that says what is wrong. */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '10' },
      storage: { type: 'string', default: 'local' },
      workers: { type: 'string', default: '1' },
      'kill-every': { type: 'string', default: '20s' },
      'freeze-every': { type: 'string', default: '90s' },
      'pause-every': { type: 'string' },
      'storm-every': { type: 'string' },
      'in-flight': { type: 'string', default: '40' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      help: { type: 'boolean', default: false },
    },
  });
  const { storage } = values;
  if (!['local', 'azure'].includes(storage)) {
    throw new Error(`--storage ${storage}: there are local and azure.`);
  }
  const workers = numberOf('workers', values.workers, Number.isInteger, 1);
  if (workers > 1 && storage === 'local') {
    throw new Error(`--workers ${workers}: one host works on a folder. Take --storage azure.`);
  }
  for (const name of ['pause-every', 'storm-every']) {
    if (storage === 'local' && values[name] !== undefined) {
      throw new Error(`--${name}: a folder has no service that could stop. Take --storage azure.`);
    }
  }
  /** Of the service that a folder has not. */
  const every = (name, usual) =>
    storage === 'local' ? 0 : milliseconds(name, values[name] ?? usual);
  return {
    isHelp: values.help,
    durationMs: numberOf('minutes', values.minutes, Number.isFinite, 0) * 60_000,
    storage,
    workers,
    killEveryMs: milliseconds('kill-every', values['kill-every']),
    freezeEveryMs: milliseconds('freeze-every', values['freeze-every']),
    pauseEveryMs: every('pause-every', '60s'),
    stormEveryMs: every('storm-every', '45s'),
    inFlight: numberOf('in-flight', values['in-flight'], Number.isInteger, 1),
    seed: numberOf('seed', values.seed, Number.isInteger, 0),
  };
}

function numberOf(option, text, isOne, least) {
  const value = Number(text);
  if (text !== '' && isOne(value) && value >= least) return value;
  throw new Error(`--${option} ${text}: it is a number of at least ${least}.`);
}

/** Of a time as 500ms, 20s, 2m; a number alone is in seconds. */
function milliseconds(option, text) {
  const [, number, unit = 's'] = /^([0-9.]+)(ms|s|m)?$/.exec(text) ?? [];
  const value = Number(number) * SECONDS[unit] * 1000;
  if (Number.isFinite(value)) return value;
  throw new Error(`--${option} ${text}: it is a time such as 500ms, 20s or 2m.`);
}
