/** Values too long for storage are the client's fault, or mean nothing; they never make storage look ill. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { managementApp } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';
const hub = new AzureHub();

beforeAll(() => hub.start());
afterAll(() => hub.backend.deleteHub());

it.each([
  ['GET', `/instances?instanceIdPrefix=${'x'.repeat(7_000)}`, 200],
  ['GET', `/instances?instanceIdPrefix=${"'".repeat(500)}`, 200],
  ['GET', `/instances?instanceIdPrefix=${'%C3%A9'.repeat(500)}`, 200],
  ['GET', `/instances?runtimeStatus=${'Running,'.repeat(900)}`, 200],
  ['GET', `/instances/${'x'.repeat(7_000)}`, 404],
  ['GET', `/entities/${'x'.repeat(7_000)}`, 200],
  ['DELETE', `/instances?createdTimeFrom=2020-01-01&runtimeStatus=${'Failed,'.repeat(900)}`, 404],
  ['POST', `/instances/${'x'.repeat(7_000)}/terminate`, 404],
  ['GET', `/instances?instanceIdPrefix=${'x'.repeat(9_000)}`, 414],
  ['GET', `/instances/${'x'.repeat(9_000)}`, 414],
  ['POST', `/instances/${'x'.repeat(9_000)}/terminate`, 414],
  ['POST', `/instances/x/terminate?reason=${'x'.repeat(14_000)}`, 404],
])('%s %.50s… answers %i', async (method, path, status) => {
  const answer = await managementApp(hub.client).fetch(new Request(BASE + path, { method }));

  expect([answer.status, await answer.text()]).toEqual([status, expect.anything()]);
});
