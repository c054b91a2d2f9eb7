// The hosts of a soak: processes that may be killed at any moment, and are started again on the same hub.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connectionString, startAzurite } from '../azurite.js';
import { freePort, run, untilAnswers } from '../child-process.js';
import { copyApp, root } from '../engines.js';
import { startStormyProxy } from './storms.js';

const PREFIX = 'AzureFunctionsJobHost__extensions__durableTask__';
/** So often a host may fail to start in a row. */
const STARTS = 5;
const func = path.join(root, 'dist/cli/func.js');

/**
 * @param random of the storms.
 * @returns what storage is for hosts (an environment), and for who looks into it past them.
 */
export async function openStorage(storage, hub, random) {
  const named = { [`${PREFIX}hubName`]: hub };
  if (storage === 'local') {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'soak-'));
    return {
      environment: {
        ...named,
        [`${PREFIX}storageProvider__type`]: 'local',
        [`${PREFIX}storageProvider__path`]: folder,
      },
      folder,
      close: () => rmSync(folder, { recursive: true, force: true }),
    };
  }
  const azurite = await startAzurite();
  const stormy = await startStormyProxy(azurite.ports, random);
  return {
    environment: {
      ...named,
      AzureWebJobsStorage: connectionString(stormy.ports),
      [`${PREFIX}storageProvider__type`]: 'AzureStorage',
      // What a host that was killed had in its hands comes back after that: the least that there is.
      [`${PREFIX}storageProvider__controlQueueVisibilityTimeout`]: '00:01:00',
      [`${PREFIX}storageProvider__workItemQueueVisibilityTimeout`]: '00:01:00',
    },
    connection: connectionString(azurite.ports),
    pause: (ms) => halted(azurite.pid, ms),
    async storm(ms) {
      stormy.rages = true;
      await pause(ms);
      stormy.rages = false;
    },
    async close() {
      stormy.close();
      await azurite.stop();
    },
  };
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The process does nothing for so long, and does not know. */
async function halted(pid, ms) {
  process.kill(pid, 'SIGSTOP');
  await pause(ms);
  process.kill(pid, 'SIGCONT');
}

/** Starts `count` hosts, all on one hub. */
export async function startHosts(count, { environment }) {
  const app = copyApp('bench/soak/app');
  const hosts = await Promise.all(
    Array.from({ length: count }, async () => new Host(app.folder, await freePort(), environment)),
  );
  const running = {
    hosts,
    /** As an operator stops them. */
    async stop() {
      await Promise.all(hosts.map((host) => host.stop()));
    },
    dispose: () => app.remove(),
  };
  try {
    await Promise.all(hosts.map((host) => host.start()));
    return running;
  } catch (error) {
    await running.stop();
    running.dispose();
    throw error;
  }
}

class Host {
  #folder;
  #port;
  #environment;
  #child;
  #printed = '';

  constructor(folder, port, environment) {
    this.#folder = folder;
    this.#port = port;
    this.#environment = environment;
  }

  get management() {
    return `http://127.0.0.1:${this.#port}/runtime/webhooks/durabletask`;
  }

  /** What all its processes printed: warnings and errors. */
  get printed() {
    return this.#printed + (this.#child?.output() ?? '');
  }

  /** Resolves when it answers. @throws {Error} with what it printed, when it does not. */
  async start() {
    const { AzureWebJobsStorage: _another, ...environment } = process.env;
    this.#child = run(
      process.execPath,
      [func, 'start', '--no-reload', '--port', String(this.#port)],
      {
        cwd: this.#folder,
        env: {
          ...environment,
          FUNCTIONS_WORKER_RUNTIME: 'node',
          AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
          NO_COLOR: '1',
          ...this.#environment,
        },
      },
    );
    await untilAnswers(`${this.management}/instances?top=1`, this.#child);
  }

  /** Ends it without a word, and starts another, as whoever runs it in production does: again, where storage kept it from starting. */
  async killAndStart() {
    await this.#end('SIGKILL');
    for (let left = STARTS; left > 0; left--) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (left === 1) throw error;
        await this.#end('SIGKILL');
      }
    }
  }

  /** It may be killed meanwhile. */
  async freeze(ms) {
    const child = this.#child;
    if (child === undefined || child.hasExited) return;
    process.kill(child.pid, 'SIGSTOP');
    await pause(ms);
    if (!child.hasExited) process.kill(child.pid, 'SIGCONT');
  }

  async stop() {
    await this.#end('SIGTERM');
  }

  async #end(signal) {
    await this.#child?.stop(signal);
    this.#printed += this.#child?.output() ?? '';
    this.#child = undefined;
  }
}
