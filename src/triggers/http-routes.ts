/**
 * The table of the app's HTTP functions. Functions are tried in the order of their names and the first whose route and methods
 * fit gets the request, however general its route is. Mirrors WebScriptHostHttpRoutesManager and ScriptHost.ValidateHttpFunction.
 */
import { DurableError } from '../core/errors.ts';
import type { FunctionProblem } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import { type RouteValues, matchRoute } from './route-match.ts';
import { type RouteTemplate, parseRouteTemplate } from './route-template.ts';

/** Read and checked here; a host that runs without keys opens every level. */
export type AuthLevel = 'anonymous' | 'function' | 'admin' | 'system' | 'user';

const AUTH_LEVELS: readonly AuthLevel[] = ['anonymous', 'function', 'admin', 'system', 'user'];

export interface HttpRoute {
  readonly fn: LoadedFunction;
  /** As written, without the prefix; the function's name when none is written. */
  readonly route: string;
  /** With the prefix. */
  readonly template: RouteTemplate;
  /** Upper case; empty: all. */
  readonly methods: readonly string[];
  readonly authLevel: AuthLevel;
}

export interface HttpRoutes {
  readonly routes: readonly HttpRoute[];
  readonly problems: readonly FunctionProblem[];
}

/** @param routePrefix `extensions.http.routePrefix` of host.json: `api` if not set there; empty for none. */
export function buildHttpRoutes(
  functions: readonly LoadedFunction[],
  routePrefix: string,
): HttpRoutes {
  const routes: HttpRoute[] = [];
  const problems: FunctionProblem[] = [];
  for (const fn of functions.filter((each) => each.kind === 'http').toSorted(byName)) {
    const route = toRoute(fn, routePrefix, routes);
    if (typeof route === 'string') problems.push({ functionName: fn.name, reason: route });
    else routes.push(route);
  }
  return { routes, problems };
}

/** The function that a request goes to, with the values of its route's parameters. A wrong method is no match. @throws {SlowPatternError} */
export function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): { readonly route: HttpRoute; readonly values: RouteValues } | undefined {
  for (const route of routes) {
    if (route.methods.length > 0 && !route.methods.includes(method.toUpperCase())) continue;
    const values = matchRoute(route.template, path);
    if (values !== undefined) return { route, values };
  }
  return undefined;
}

/** Ordinal, ignoring case, as the host sorts. */
function byName(a: LoadedFunction, b: LoadedFunction): number {
  const [nameA, nameB] = [a.name.toUpperCase(), b.name.toUpperCase()];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0;
}

/** The route, or why there is none. */
function toRoute(
  fn: LoadedFunction,
  routePrefix: string,
  others: readonly HttpRoute[],
): HttpRoute | string {
  const { route: written, methods: writtenMethods, authLevel: writtenLevel } = fn.trigger;
  const methods = parseMethods(writtenMethods);
  if (typeof methods === 'string') return methods;
  const authLevel = parseAuthLevel(writtenLevel);
  if (authLevel === undefined) {
    return `${JSON.stringify(writtenLevel)} is not a valid authLevel. Use anonymous, function, admin, system or user.`;
  }
  const route = typeof written === 'string' && written.trim() !== '' ? written : fn.name;
  const fault = conflictOf(route, methods, others);
  if (fault !== undefined) return fault;
  try {
    const template = parseRouteTemplate(withPrefix(routePrefix, route));
    return { fn, route, template, methods, authLevel };
  } catch (error) {
    if (error instanceof DurableError && error.code === 'INVALID_INPUT') return error.message;
    throw error;
  }
}

function withPrefix(routePrefix: string, route: string): string {
  const prefix = trimSlashes(routePrefix);
  return prefix === '' ? route : `${prefix}/${route.replace(/^\/+/, '')}`;
}

function trimSlashes(text: string): string {
  return text.replace(/^\/+|\/+$/g, '');
}

function conflictOf(
  route: string,
  methods: readonly string[],
  others: readonly HttpRoute[],
): string | undefined {
  const text = trimSlashes(route).toLowerCase();
  if (text.startsWith('admin') || text.startsWith('runtime')) {
    return 'The specified route conflicts with one or more built in routes.';
  }
  const other = others.find(
    (each) =>
      trimSlashes(each.route).toLowerCase() === text &&
      (methods.length === 0 ||
        each.methods.length === 0 ||
        each.methods.some((method) => methods.includes(method))),
  );
  return (
    other && `The route specified conflicts with the route defined by function '${other.fn.name}'.`
  );
}

/** Upper-case methods, or what is wrong with them. Absent, null and empty mean all. */
function parseMethods(value: unknown): readonly string[] | string {
  const list = typeof value === 'string' ? value.split(',') : (value ?? []);
  if (!Array.isArray(list) || !list.every((method) => typeof method === 'string')) {
    return `'methods' of an HTTP trigger is a list of methods such as ["get", "post"], not ${JSON.stringify(value)}.`;
  }
  const methods = list.map((method) => method.trim().toUpperCase());
  const wrong = methods.find((method) => !/^[A-Z0-9!#$%&'*+.^_`|~-]+$/.test(method));
  return wrong === undefined
    ? methods
    : `'${wrong}' of 'methods' is not an HTTP method. Use names such as get, post or delete.`;
}

/** @default `function` when the binding says nothing. Undefined if it says something else than a level. */
function parseAuthLevel(value: unknown): AuthLevel | undefined {
  if (value === undefined || value === null) return 'function';
  if (typeof value !== 'string') return undefined;
  return AUTH_LEVELS.find((level) => level === value.toLowerCase());
}
