import { describe, expect, it } from 'vitest';
import { causesOf, describeThrown } from '../../src/function-app/failure-text.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

function refuse(): never {
  throw new Error('no access');
}

function throwThis(this: unknown): never {
  throw this;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function errorWith(message: string, members: PropertyDescriptorMap): Error {
  return Object.defineProperties(new Error(message), members);
}

describe('the text of what an app threw', () => {
  it.each([
    ['an error whose message cannot be read', errorWith('', { message: { get: refuse } })],
    [
      'an object whose message cannot be read',
      Object.defineProperty({}, 'message', { get: refuse }),
    ],
    [
      'a proxy that refuses everything',
      new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse }),
    ],
    ['a revoked proxy', revoked()],
    ['an object without JSON', { toJSON: () => undefined }],
    ['an object that throws itself for JSON', { toJSON: throwThis }],
    ['an object that cannot be inspected', { number: 1n, [INSPECT]: refuse }],
    ['a function that cannot be inspected', Object.assign(() => undefined, { [INSPECT]: refuse })],
  ])('is text for %s', (_what, thrown) => {
    const { message, stack } = describeThrown(thrown);

    expect(message).not.toBe('');
    expect(typeof message).toBe('string');
    expect(typeof stack).toBe('string');
    expect(causesOf(thrown)).toEqual([]);
  });

  it.each([
    ['stack', { stack: { get: refuse } }],
    ['cause', { cause: { get: refuse } }],
    ['errors', { errors: { value: revoked() } }],
  ])('is there although the %s of the error cannot be read', (_name, members) => {
    const thrown = errorWith('told', members);

    expect(describeThrown(thrown).message).toBe('told');
    expect(causesOf(thrown)).toEqual([]);
  });

  it('is made of a message that is no text', () => {
    const thrown = errorWith('', { message: { value: { code: 5 } } });

    expect(describeThrown(thrown)).toEqual({ message: '{"code":5}', stack: thrown.stack });
  });

  it('names a cause whose name cannot be read', () => {
    const cause = errorWith('inner', { name: { get: refuse } });

    expect(causesOf(new Error('outer', { cause }))).toMatchObject([
      { type: 'Error', message: 'inner' },
    ]);
  });
});
