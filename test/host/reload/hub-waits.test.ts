import { describe, expect, it } from 'vitest';
import { hubWaits } from '../../../src/host/reload/hub-waits.ts';

const SOME = { orchestrators: ['a'], activities: [], entities: [] };
const NONE = { orchestrators: [], activities: [], entities: [] };

describe('the task hub waits', () => {
  it.each([
    [[], [], NONE, false],
    [['app.js'], undefined, SOME, false],
    [['app.js'], undefined, NONE, true],
    [['app.js'], ['app.js'], SOME, false],
    [['app.js', 'b.js'], ['app.js'], SOME, true],
    [['app.js'], [], SOME, true],
  ])('with %j broken, %j broken before and the functions %j: %s', (...row) => {
    const [broken, knownBroken, functions, waits] = row;

    expect(hubWaits({ broken, knownBroken, functions })).toBe(waits);
  });
});
