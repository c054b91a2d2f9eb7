/**
 * Members of an object under a name that somebody else chose. `object[name]` answers `constructor` and `toString` with what every
 * object inherits, and `object['__proto__'] = value` changes what it inherits.
 */

/** What the object itself has under the name. */
export function ownMember<Value>(
  object: { readonly [name: string]: Value },
  name: string,
): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Gives the object a member of this name, whatever it inherits under it. An object in the making is better made by `Object.fromEntries`. */
export function setOwnMember<Value>(
  object: { [name: string]: Value },
  name: string,
  value: Value,
): void {
  Object.defineProperty(object, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
