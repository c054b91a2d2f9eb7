import { describe, expect, it } from 'vitest';
import { isOwnDefect } from '../../src/host/own-defect.ts';

const OWN = ['/app/node_modules/durable-functions-extension/dist'];
const OURS = `at Deliveries.deliver (file://${OWN[0]}/azure-storage/deliveries.js:10:5)`;
const APP = 'at handler (/app/dist/src/functions/hello.js:3:9)';
const LIBRARY = 'at Socket.on (/app/node_modules/@azure/storage-queue/index.js:1:1)';
const NODE = 'at listOnTimeout (node:internal/timers:581:17)';

function thrownAt(...frames: string[]): Error {
  const error = new Error('boom');
  error.stack = ['Error: boom', ...frames.map((frame) => `    ${frame}`)].join('\n');
  return error;
}

describe('an error that nobody caught', () => {
  it.each([
    ['our code alone', [OURS, NODE]],
    ['a package that our code called', [LIBRARY, OURS, NODE]],
    ['our code, after a wait', [NODE, OURS.replace('at ', 'at async ')]],
    ['our code, in a function without a name', [`at ${OWN[0]}/host/host.js:1:1`]],
  ])('is our own when it comes from %s', (_, frames) => {
    expect(isOwnDefect(thrownAt(...frames), OWN)).toBe(true);
  });

  it.each([
    ['the app alone', [APP, NODE]],
    ['the app that our code called', [APP, OURS, NODE]],
    ['our code that the app called', [OURS, APP, NODE]],
    ['a package in a timer', [LIBRARY, NODE]],
    ['Node alone', [NODE]],
    ['nowhere that can be', ['at x (file://%zz/y.js:1:1)', 'at eval (<anonymous>:1:1)']],
    ['another package whose name begins like ours', [`at x (${OWN[0]}-samples/index.js:1:1)`]],
  ])('is not when it comes from %s', (_, frames) => {
    expect(isOwnDefect(thrownAt(...frames), OWN)).toBe(false);
  });

  it.each([null, undefined, 'text', Object.create(null), { stack: 1 }, new Error('here')])(
    'is not when the value does not say, or is of this test: %j',
    (thrown) => {
      expect(isOwnDefect(thrown, OWN)).toBe(false);
    },
  );

  it('is not when its stack cannot be read', () => {
    const error = Object.defineProperty(new Error('x'), 'stack', {
      get() {
        throw new Error('no');
      },
    });
    expect(isOwnDefect(error, OWN)).toBe(false);
  });
});
