import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.ts';
import { managementApp, memoryHub } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';

describe('a signal to an entity that the app does not have', () => {
  const checkEntity = (name: string): void => {
    if (name.toLowerCase() === 'counter') return;
    throw new InvalidInputError(`The function '${name}' doesn't exist`);
  };

  it.each([
    ['POST', 'nobody', 400, '{"Message":"The function \'nobody\' doesn\'t exist"}'],
    ['DELETE', 'nobody', 400, '{"Message":"The function \'nobody\' doesn\'t exist"}'],
    ['POST', 'Counter', 202, ''],
  ])('by %s of %s is answered with %i', async (method, name, status, body) => {
    const app = managementApp(memoryHub().client, { checkEntity });
    const answer = await app.request(`${BASE}/entities/${name}/k?op=add`, { method });

    expect([answer.status, await answer.text()]).toEqual([status, body]);
  });
});
