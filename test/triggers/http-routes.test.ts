import { describe, expect, it } from 'vitest';
import { buildHttpRoutes, findRoute } from '../../src/triggers/http-routes.ts';
import { functionOf } from './app-values.ts';

const routesOf = (...functions: Parameters<typeof functionOf>[]) =>
  buildHttpRoutes(
    functions.map((args) => functionOf(...args)),
    'api',
  );

describe('the table of routes', () => {
  it('uses the function’s name where no route is written, below the prefix', () => {
    const { routes } = routesOf(['Hello', 'http'], ['Other', 'http', { route: 'x/{id}' }]);

    expect(routes.map(({ template }) => template.text)).toEqual(['api/Hello', 'api/x/{id}']);
  });

  it('does without a prefix, and takes one with slashes', () => {
    const hello = [functionOf('Hello', 'http', { route: '/hi' })];

    expect(buildHttpRoutes(hello, '').routes[0]?.template.text).toBe('/hi');
    expect(buildHttpRoutes(hello, '/v1/').routes[0]?.template.text).toBe('v1/hi');
  });

  it('lists HTTP functions only', () => {
    expect(routesOf(['Tick', 'timer'], ['Act', 'activity']).routes).toEqual([]);
  });

  it('tries functions by name, so that a general route can hide a special one', () => {
    const { routes } = routesOf(
      ['items', 'http', { route: 'items' }],
      ['All', 'http', { route: '{*rest}' }],
    );

    expect(findRoute(routes, 'GET', '/api/items')?.route.fn.name).toBe('All');
  });

  it('goes on to the next function when the method does not fit', () => {
    const { routes } = routesOf(
      ['A', 'http', { route: 'items', methods: ['post'] }],
      ['B', 'http', { route: 'items', methods: ['GET'] }],
    );

    expect(findRoute(routes, 'GET', '/api/items')?.route.fn.name).toBe('B');
    expect(findRoute(routes, 'POST', '/api/items')?.route.fn.name).toBe('A');
    expect(findRoute(routes, 'PUT', '/api/items')).toBeUndefined();
    expect(findRoute(routes, 'HEAD', '/api/items')).toBeUndefined();
  });

  it('takes every method where none is written', () => {
    const { routes } = routesOf(['A', 'http', { methods: null }]);

    expect(findRoute(routes, 'PROPFIND', '/api/A')).toBeDefined();
  });
});

describe('functions in error', () => {
  const reasonOf = (...functions: Parameters<typeof functionOf>[]) =>
    routesOf(...functions).problems.map(({ functionName, reason }) => [functionName, reason]);

  it.each(['admin', '/Admin/x', 'runtime/webhooks', 'administration'])(
    'have a route among the host’s own: %s',
    (route) => {
      expect(reasonOf(['A', 'http', { route }])).toEqual([
        ['A', 'The specified route conflicts with one or more built in routes.'],
      ]);
    },
  );

  it('have the route and a method of an earlier one', () => {
    expect(
      reasonOf(
        ['B', 'http', { route: 'Items/', methods: ['get', 'put'] }],
        ['A', 'http', { route: 'items', methods: ['GET'] }],
        ['C', 'http', { route: 'items', methods: ['delete'] }],
        ['D', 'http', { route: 'items' }],
      ),
    ).toEqual([
      ['B', "The route specified conflicts with the route defined by function 'A'."],
      ['D', "The route specified conflicts with the route defined by function 'A'."],
    ]);
  });

  it('have a template that cannot be read', () => {
    expect(reasonOf(['A', 'http', { route: 'x/{id' }])[0]?.[1]).toContain(
      "The route template 'api/x/{id' is invalid",
    );
  });

  it('have an unknown authLevel', () => {
    expect(reasonOf(['A', 'http', { authLevel: 'nobody' }])[0]?.[1]).toContain(
      '"nobody" is not a valid authLevel',
    );
    expect(routesOf(['A', 'http', { authLevel: 'ADMIN' }]).routes[0]?.authLevel).toBe('admin');
    expect(routesOf(['A', 'http']).routes[0]?.authLevel).toBe('function');
  });

  it('have methods that are none', () => {
    expect(reasonOf(['A', 'http', { methods: [1] }])[0]?.[1]).toContain("'methods'");
    expect(reasonOf(['A', 'http', { methods: ['g t'] }])[0]?.[1]).toContain("'G T'");
  });
});
