// What a soak is asked to do.
import { parseArgs } from 'node:util';

export const USAGE = `npm run soak -- [options]
  --minutes <n>        for how long work is started; 0.5 is half a minute (default: 10)
  --storage <name>     local, or azure: an Azurite of its own (default: local)
  --workers <n>        hosts on the one hub; more than one with azure only (default: 1)
  --kill-every <time>  a host is killed (SIGKILL) after such a pause, by chance a half longer or shorter; 0 never (default: 20s)
  --in-flight <n>      instances at a time (default: 40)
  --seed <n>           repeats the choices of another run (default: by the clock; it is printed)`;

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
  return {
    isHelp: values.help,
    durationMs: numberOf('minutes', values.minutes, Number.isFinite, 0) * 60_000,
    storage,
    workers,
    killEveryMs: milliseconds('kill-every', values['kill-every']),
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
