// A client of the hub as a patient application is one: what a host that was killed did not answer is asked again.
import { send } from '../management-api.js';
import { KINDS } from './work.js';

const AGAIN_AFTER_MS = 50;
const GIVE_UP_AFTER_MS = 120_000;
const ENDED = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);

export class HubClient {
  #hosts;
  #random;
  /** Attempts to start that were not answered. */
  unanswered = 0;

  /** @param {() => number} random which host is asked. */
  constructor(hosts, random) {
    this.#hosts = hosts;
    this.#random = random;
  }

  /** Resolves when the instance is acknowledged: from then on it must end as it should. Its id is the caller's, so that none is lost. */
  async start({ instanceId, name, input }) {
    const url = `orchestrators/${name}/${instanceId}`;
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    while (Date.now() < deadline) {
      const answer = await this.#attempt('POST', url, { body: JSON.stringify(input) });
      // 409: a start that was not answered was stored meanwhile.
      if (answer?.status === 202 || answer?.status === 409) return;
      if (answer !== undefined) throw new Error(`POST ${url}: ${answer.status} ${answer.text}`);
      this.unanswered++;
      // It may be there, and may have ended: another start would be another instance of the id.
      if ((await this.#find(instanceId)) !== undefined) return;
    }
    throw new Error(`POST ${url} is not answered.`);
  }

  /** What an instance of a kind waits for. It may have ended already. */
  async steer({ instanceId, name, input }) {
    for (const { operation, body } of KINDS[name].steps?.(input) ?? []) {
      await this.#until(
        'POST',
        `instances/${instanceId}/${operation}`,
        body === undefined ? {} : { body: JSON.stringify(body) },
        ({ status }) => status === 202 || status === 410,
      );
    }
  }

  /** @returns the instance, once it has ended; undefined when it does not in time. */
  async ended(instanceId, patienceMs) {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      const instance = await this.#find(instanceId, { prefer: 'wait=10' });
      // Acknowledged and not there: the check at the end tells.
      if (instance === undefined || hasEnded(instance)) return instance;
    }
    return undefined;
  }

  /** All instances of the hub, entities and sub-orchestrations included. */
  async list() {
    const instances = [];
    let token;
    do {
      const { headers, text } = await this.#until(
        'GET',
        'instances?top=500',
        { headers: token === undefined ? {} : { 'x-ms-continuation-token': token } },
        ({ status }) => status === 200,
      );
      instances.push(...JSON.parse(text));
      token = headers['x-ms-continuation-token'];
    } while (token !== undefined && token !== '');
    return instances;
  }

  async purge(instanceId) {
    await this.#until('DELETE', `instances/${encodeURIComponent(instanceId)}`, {}, ({ status }) =>
      [200, 404].includes(status),
    );
  }

  async #find(instanceId, headers = {}) {
    const { status, text } = await this.#until(
      'GET',
      `instances/${instanceId}`,
      { headers },
      (answer) => [200, 202, 404].includes(answer.status),
    );
    return status === 404 ? undefined : JSON.parse(text);
  }

  async #until(method, target, options, isAnswer) {
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      const answer = await this.#attempt(method, target, options);
      if (answer !== undefined && isAnswer(answer)) return answer;
      if (Date.now() <= deadline) continue;
      throw new Error(`${method} ${target} is not answered: ${answer?.status} ${answer?.text}`);
    }
  }

  /** @returns undefined, after a pause, when no host answers. */
  async #attempt(method, target, options) {
    try {
      const answer = await send(method, `${this.#anyHost()}/${target}`, options);
      if (answer.status < 500) return answer;
    } catch (error) {
      if (error.code === undefined) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    return undefined;
  }

  #anyHost() {
    return this.#hosts[Math.floor(this.#random() * this.#hosts.length)].management;
  }
}

export function hasEnded({ runtimeStatus }) {
  return ENDED.has(runtimeStatus);
}
