import { describe, expect, it } from 'vitest';
import { BackendUnavailableError, InvalidInputError } from '../../src/core/errors.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { Engine } from '../../src/worker/engine.ts';
import type { OpenHub } from '../../src/worker/open-hub.ts';
import { eventually } from '../support/eventually.ts';

const NEVER = new AbortController().signal;
const REQUEST = new Request('http://localhost/');

/** A hub that is not there but for what an engine does with it. */
function hubOf(calls: string[]): OpenHub {
  const answer = { fetch: () => new Response('open') };
  return {
    worker: {
      start: () => Promise.resolve(void calls.push('start')),
      stop: () => Promise.resolve(void calls.push('stop')),
    },
    client: {
      types: [],
      supports: () => undefined,
      read: () => Promise.resolve({}),
      write: () => Promise.resolve(),
    },
    doors: { rpc: answer, public: answer },
  };
}

describe('the engine inside the worker', () => {
  it('starts its hub, and stops it', async () => {
    const calls: string[] = [];
    const engine = engineOf(() => Promise.resolve(hubOf(calls)));
    engine.start();

    const answer = await engine.door('public').fetch(REQUEST);
    await engine.stop(NEVER);

    expect(await answer.text()).toBe('open');
    expect(calls).toEqual(['start', 'stop']);
  });

  it('tries again when storage does not answer, and says why meanwhile', async () => {
    const calls: string[] = [];
    const log: LogRecord[] = [];
    let attempts = 0;
    const open = (): Promise<OpenHub> => {
      attempts += 1;
      if (attempts > 1) return Promise.resolve(hubOf(calls));
      return Promise.reject(new BackendUnavailableError('The account is away.'));
    };
    const engine = engineOf(open, log);
    engine.start();

    const refused = await engine.door('rpc').fetch(REQUEST);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('The account is away.');
    await eventually(async () => (await engine.door('rpc').fetch(REQUEST)).ok);

    expect(calls).toEqual(['start']);
    expect(log.map(({ level, message }) => [level, message])).toEqual([
      [
        'error',
        'The account is away. It is tried again; durable functions wait, the other functions of the app run.',
      ],
    ]);
  });

  it('gives up what cannot become right by waiting', async () => {
    let attempts = 0;
    const log: LogRecord[] = [];
    const engine = engineOf(() => {
      attempts += 1;
      return Promise.reject(new InvalidInputError('That is no hub.'));
    }, log);
    engine.start();

    await expect(engine.hub()).rejects.toThrow('The task hub is not open: That is no hub.');
    await engine.stop(NEVER);

    expect(attempts).toBe(1);
    expect(log[0]?.message).toBe(
      'That is no hub. Durable functions do not run, the other functions of the app do.',
    );
  });

  it('does not begin to work when it was stopped while it opened its hub', async () => {
    const calls: string[] = [];
    const opening: { done?: (hub: OpenHub) => void } = {};
    const engine = engineOf(() => new Promise((resolve) => (opening.done = resolve)));
    engine.start();
    await engine.stop(AbortSignal.abort());

    opening.done?.(hubOf(calls));
    await engine.hub();

    expect(calls).toEqual([]);
  });
});

function engineOf(open: () => Promise<OpenHub>, log: LogRecord[] = []): Engine {
  return new Engine({ open, log: { write: (record) => log.push(record) } });
}
