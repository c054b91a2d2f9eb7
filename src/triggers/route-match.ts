/**
 * Holds the path of a request against a route template. Mirrors Microsoft.AspNetCore.Routing RouteMatcher and
 * RouteConstraintMatcher: literals ignore case, a trailing slash means nothing, mixed segments match from the right,
 * and values are URL-decoded except for `%2F`, which Kestrel leaves as it is.
 */
import type { RouteParameter, RouteSegment, RouteTemplate } from './route-template.ts';

/** Values by parameter name. Optional parameters that the path lacks are not in it. */
export type RouteValues = Readonly<Record<string, string>>;

/** The values of the template's parameters, or undefined if the path does not match. `path` is still encoded; its leading slash is optional. @throws {SlowPatternError} */
export function matchRoute(template: RouteTemplate, path: string): RouteValues | undefined {
  const pieces = splitPath(path);
  if (pieces === undefined) return undefined;
  const values = new Map<string, string>();
  const { segments } = template;
  const count = pieces.at(-1) === '' ? pieces.length - 1 : pieces.length;
  for (let i = 0; i < Math.max(segments.length, count); i++) {
    const segment = segments[i];
    const catchAll = catchAllOf(segment);
    if (segment === undefined) return undefined;
    if (catchAll !== undefined) {
      const rest = pieces.slice(i).join('/');
      if (rest !== '') values.set(catchAll.name, rest);
      break;
    }
    if (!matchSegment(segment, pieces[i], values)) return undefined;
  }
  for (const { name, defaultValue } of template.parameters) {
    if (defaultValue !== undefined && !values.has(name)) values.set(name, defaultValue);
  }
  return passesConstraints(template.parameters, values) ? Object.fromEntries(values) : undefined;
}

/** Decoded segments; undefined where two slashes meet. A trailing slash stays as a last empty piece: only a catch-all sees it. */
function splitPath(path: string): string[] | undefined {
  const trimmed = path.startsWith('/') ? path.slice(1) : path;
  if (trimmed === '') return [];
  const pieces = trimmed.split('/').map(decodePathSegment);
  return pieces.slice(0, -1).includes('') ? undefined : pieces;
}

/** Undoes percent-encoding where it is valid UTF-8, except for an encoded slash. */
function decodePathSegment(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (run) =>
    run
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeOrKeep(part)))
      .join(''),
  );
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text; // not UTF-8: the server hands it on as it came
    throw error;
  }
}

function catchAllOf(segment: RouteSegment | undefined): RouteParameter | undefined {
  const only = segment?.[0];
  return only?.kind === 'parameter' && only.isCatchAll ? only : undefined;
}

function matchSegment(
  segment: RouteSegment,
  piece: string | undefined,
  values: Map<string, string>,
): boolean {
  const [only] = segment;
  if (only === undefined) return false;
  if (piece === undefined || piece === '') {
    return (
      segment.length === 1 &&
      only.kind === 'parameter' &&
      (only.isOptional || only.defaultValue !== undefined)
    );
  }
  if (segment.length > 1) return matchMixedSegment(segment, piece, values);
  if (only.kind === 'literal') return isSameText(only.text, piece);
  values.set(only.name, piece);
  return true;
}

/** `{file}.{ext?}`: with the optional part if that matches, else without it and its period. */
function matchMixedSegment(
  segment: RouteSegment,
  piece: string,
  values: Map<string, string>,
): boolean {
  const last = segment.at(-1);
  const found =
    matchFromRight(segment, piece) ??
    (last?.kind === 'parameter' && last.isOptional && !piece.endsWith('.')
      ? matchFromRight(segment.slice(0, -2), piece)
      : undefined);
  for (const [name, value] of found ?? []) values.set(name, value);
  return found !== undefined;
}

/** Each literal is searched from the right; a parameter takes what lies between and may not be empty. */
function matchFromRight(segment: RouteSegment, piece: string): Map<string, string> | undefined {
  const values = new Map<string, string>();
  let end = piece.length;
  let pending: RouteParameter | undefined;
  for (const part of segment.toReversed()) {
    if (part.kind === 'parameter') {
      pending = part;
      continue;
    }
    const latest = end - part.text.length - (pending === undefined ? 0 : 1);
    const at = latest < 0 ? -1 : piece.toLowerCase().lastIndexOf(part.text.toLowerCase(), latest);
    if (at < 0 || (pending === undefined && at !== latest)) return undefined;
    if (pending !== undefined) values.set(pending.name, piece.slice(at + part.text.length, end));
    pending = undefined;
    end = at;
  }
  if (pending === undefined) return end === 0 ? values : undefined;
  if (end === 0) return undefined;
  return values.set(pending.name, piece.slice(0, end));
}

function isSameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function passesConstraints(
  parameters: readonly RouteParameter[],
  values: ReadonlyMap<string, string>,
): boolean {
  return parameters.every(({ name, isOptional, constraints }) => {
    const value = values.get(name);
    if (value === undefined) return isOptional || constraints.length === 0;
    return constraints.every((constraint) => constraint.accepts(value));
  });
}
