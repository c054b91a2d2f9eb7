import { describe, expect, it } from 'vitest';
import { ownMember, setOwnMember } from '../../src/base/own-member.ts';

const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

describe('a member under a name that somebody chose', () => {
  it.each(INHERITED)('is not what every object has under %s', (name) => {
    expect(ownMember({ a: 1 }, name)).toBeUndefined();
    expect(ownMember(JSON.parse(`{"${name}":1}`) as Record<string, number>, name)).toBe(1);
  });

  it.each(INHERITED)('is given to this object alone under %s', (name) => {
    const object: Record<string, unknown> = {};

    setOwnMember(object, name, { polluted: true });

    expect(Object.entries(object)).toEqual([[name, { polluted: true }]]);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(Reflect.has({}, 'polluted')).toBe(false);
  });
});
