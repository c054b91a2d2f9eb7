/**
 * App settings: names in the environment, compared without case, where `:` and `__` mean the same; and the `%NAME%` form by
 * which host.json and bindings refer to them. Mirrors NameResolverExtensions.ResolveWholeString of the WebJobs SDK.
 */
import { ownMember } from '../base/own-member.ts';
import { InvalidInputError } from '../core/errors.ts';

export type Environment = Readonly<Record<string, string>>;

/** The exact name first, then any that differs only in case or in `:` for `__`. */
export function findAppSetting(environment: Environment, name: string): string | undefined {
  if (Object.hasOwn(environment, name)) {
    return ownMember(environment, name);
  }
  const wanted = canonicalSettingName(name);
  return Object.entries(environment).find(([key]) => canonicalSettingName(key) === wanted)?.[1];
}

/** Equal for two spellings of one setting. */
export function canonicalSettingName(name: string): string {
  return name.replaceAll('__', ':').toLowerCase();
}

/**
 * Replaces each `%NAME%` in the text by the app setting of that name; text without `%` is returned as it is.
 * @throws {InvalidInputError} for a setting that does not exist, and for a `%` without its partner.
 */
export function resolveAppSettings(text: string, environment: Environment): string {
  let resolved = '';
  let from = 0;
  for (;;) {
    const open = text.indexOf('%', from);
    if (open < 0) {
      return resolved + text.slice(from);
    }
    const close = text.indexOf('%', open + 1);
    if (close < 0) {
      throw new InvalidInputError(`The '%' at position ${open} does not have a closing '%'`);
    }
    const name = text.slice(open + 1, close);
    const value = name === '' ? undefined : findAppSetting(environment, name);
    if (value === undefined) {
      throw new InvalidInputError(`'%${name}%' does not resolve to a value.`);
    }
    resolved += text.slice(from, open) + value;
    from = close + 1;
  }
}
