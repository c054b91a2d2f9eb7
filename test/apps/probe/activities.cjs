// The activities of the probe app, by name, as functions of their input. What they do can be counted from outside: each
// execution of those with a key appends lines to $PROBE_DIR/journal.log.
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const inFolder = (name) => path.join(process.env.PROBE_DIR, name);

function journal(name, key, what) {
  appendFileSync(inFolder('journal.log'), `${name} ${key} ${process.pid} ${what} ${Date.now()}\n`);
}

async function sleep(name, { key, ms }) {
  journal(name, key, 'start');
  await pause(ms ?? 0);
  journal(name, key, 'end');
}

/** Counts the executions of a key over restarts. */
function count(key) {
  const file = inFolder(`${key}.count`);
  const calls = (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0) + 1;
  writeFileSync(file, String(calls));
  return calls;
}

exports.activities = {
  A_Echo: async (input) => input,
  A_Type: async (input) =>
    input === null ? 'null' : Array.isArray(input) ? 'array' : typeof input,
  A_Mul: async ([a, b]) => a * b,
  A_Square: async ({ i, ms, key }) => {
    await sleep('A_Square', { key, ms });
    return i * i;
  },
  A_Sleep: async (input) => {
    await sleep('A_Sleep', input);
    return input.key;
  },
  /** Runs until the test opens the gate. */
  A_Gate: async (key) => {
    journal('A_Gate', key, 'start');
    while (!existsSync(inFolder(`${key}.open`))) await pause(20);
    journal('A_Gate', key, 'end');
    return key;
  },
  A_Journal: async (key) => {
    await sleep('A_Journal', { key });
    return key;
  },
  A_Long: async (n) => 'é'.repeat(n),
  A_Flaky: async ({ key, failures }) => {
    const calls = count(key);
    journal('A_Flaky', key, 'start');
    if (calls <= failures) throw new Error(`Kah-BOOOM ${key}`);
    return calls;
  },
  A_Throw: async ({ kind, text }) => {
    if (kind === 'string') throw text;
    throw new Error(text);
  },
  A_Exit: async (key) => {
    if (count(key) === 1) process.exit(1);
    return 'survived';
  },
};
