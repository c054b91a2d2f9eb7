/**
 * Orchestrator programs as data: made up by fast-check, run by `test/apps/orchestrations/random-programs.cjs` on a real SDK, and
 * evaluated here without any engine. Their results do not depend on the order in which tasks end.
 */
import fc from 'fast-check';
import type { Sdk } from '../support/sdk-app.ts';

export type Expression =
  | { readonly kind: 'activity'; readonly key: string; readonly fails: boolean }
  | {
      readonly kind: 'retry';
      readonly key: string;
      readonly failures: number;
      readonly attempts: number;
    }
  | { readonly kind: 'timer'; readonly ms: number }
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'entity'; readonly key: string }
  /** A durable HTTP request that is answered 202 so many times before it is done. */
  | { readonly kind: 'http'; readonly key: string; readonly polls: number }
  | { readonly kind: 'sub'; readonly body: readonly Statement[] }
  | { readonly kind: 'all' | 'any'; readonly children: readonly Expression[] };

export type Statement =
  | { readonly kind: 'await' | 'throwing'; readonly expression: Expression }
  | { readonly kind: 'anyLoop' | 'anyThenAll'; readonly children: readonly Expression[] }
  /** The loser of a race is left alone, or it is waited for once more. */
  | { readonly kind: 'race' | 'again'; readonly key: string; readonly expression: Expression }
  /** Waits for either of two events, does one thing or another, and waits for the other event. */
  | { readonly kind: 'branch'; readonly key: string }
  | { readonly kind: 'signal'; readonly key: string }
  /** Reads the entities in a critical section, and writes them back, each greater by one. */
  | { readonly kind: 'increments'; readonly keys: readonly string[] }
  | { readonly kind: 'status'; readonly value: unknown }
  | { readonly kind: 'loop'; readonly rounds: number; readonly body: readonly Statement[] }
  | { readonly kind: 'continueAsNew' };

export interface Evaluation {
  /** undefined when the program fails. */
  readonly output: unknown;
  /** Keys of the activities that run, and of the HTTP requests that are sent, with repetitions, sorted. */
  readonly activities: readonly string[];
  /** How often an event of each name is waited for. */
  readonly events: ReadonlyMap<string, number>;
  /** How often each entity is called or signalled. */
  readonly tallies: ReadonlyMap<string, number>;
}

const FAILED = 'failed';

class ProgramError extends Error {}

export function evaluate(body: readonly Statement[], run: string): Evaluation {
  const activities: string[] = [];
  const events = new Map<string, number>();
  const tallies = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };

  const value = (expression: Expression, round: string): unknown => {
    switch (expression.kind) {
      case 'activity':
        activities.push(expression.key + round);
        if (expression.fails) throw new ProgramError();
        return expression.key + round;
      case 'retry': {
        const { failures, attempts } = expression;
        const key = expression.key + round;
        for (let i = 0; i < Math.min(failures + 1, attempts); i++) activities.push(key);
        if (failures >= attempts) throw new ProgramError();
        return key;
      }
      case 'timer':
        return 'timer';
      case 'event':
        add(events, expression.name);
        return expression.name;
      case 'entity':
        add(tallies, expression.key);
        return `${run}-${expression.key}`;
      case 'http':
        for (let i = 0; i <= expression.polls; i++) activities.push(expression.key + round);
        return expression.key + round;
      case 'sub': {
        const results: unknown[] = [];
        execute(expression.body, results, round);
        return results;
      }
      case 'all': {
        const values = expression.children.map((child) => settled(child, round));
        if (values.some(({ isFailed }) => isFailed)) throw new ProgramError();
        return values.map((one) => one.value);
      }
      case 'any':
        for (const child of expression.children) settled(child, round);
        return 'any';
    }
  };
  const settled = (
    expression: Expression,
    round: string,
  ): { isFailed: boolean; value: unknown } => {
    try {
      return { isFailed: false, value: value(expression, round) };
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      return { isFailed: true, value: FAILED };
    }
  };
  const execute = (statements: readonly Statement[], results: unknown[], round: string): void => {
    for (const statement of statements) {
      switch (statement.kind) {
        case 'await':
          results.push(settled(statement.expression, round).value);
          break;
        case 'throwing':
          results.push(value(statement.expression, round));
          break;
        case 'anyLoop':
        case 'anyThenAll':
          results.push(statement.children.map((child) => settled(child, round).value));
          break;
        case 'race':
          settled(statement.expression, round);
          activities.push(statement.key + round);
          results.push('race');
          break;
        case 'again':
          activities.push(statement.key + round);
          results.push(settled(statement.expression, round).value);
          break;
        case 'branch':
          activities.push(statement.key + round);
          for (const name of ['One', 'Two']) add(events, statement.key + round + name);
          results.push('branch');
          break;
        case 'signal':
          add(tallies, statement.key);
          break;
        case 'increments':
          for (const key of statement.keys) add(tallies, key);
          break;
        case 'loop':
          for (let i = 0; i < statement.rounds; i++)
            execute(statement.body, results, `${round}.${String(i)}`);
          break;
        case 'status':
        case 'continueAsNew':
          break;
      }
    }
  };

  const results: unknown[] = [];
  const end = (output: unknown): Evaluation => ({
    output,
    activities: activities.sort(),
    events,
    tallies,
  });
  try {
    execute(body, results, '');
    return end(results);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return end(undefined);
  }
}

/**
 * What the SDKs themselves cannot do is left out. 1.x: nested compounds, signals, polls, retried calls that race with others of
 * their name, and branches upon which of two events came first, when one of them comes twice. 2.x and 3.x: Task.all over a task that failed before, or over an event that was raised before.
 */
export function programOf(sdk: Sdk): fc.Arbitrary<readonly Statement[]> {
  const isFirst = sdk === '1.5.4';
  const key = fc.constant(UNNUMBERED);
  const activity = key.map((key): Expression => ({ kind: 'activity', key, fails: false }));
  const mayFail = fc
    .record({ key, fails: fc.boolean() })
    .map((one): Expression => ({ kind: 'activity', ...one }));
  const retry = fc
    .record({ key, failures: fc.nat({ max: 3 }), attempts: fc.integer({ min: 1, max: 3 }) })
    .map((one): Expression => ({ kind: 'retry', ...one }));
  const timer = fc.nat({ max: 6 }).map((ms): Expression => ({ kind: 'timer', ms }));
  const event = fc.constantFrom('One', 'Two').map((name): Expression => ({ kind: 'event', name }));
  const http = fc
    .record({ key, polls: fc.nat({ max: isFirst ? 0 : 2 }) })
    .map((one): Expression => ({ kind: 'http', ...one }));
  const entity = fc.constantFrom('a', 'b').map((key): Expression => ({ kind: 'entity', key }));

  const leaf = (depth: number): fc.Arbitrary<Expression> =>
    fc.oneof(
      { weight: 3, arbitrary: mayFail },
      { weight: 2, arbitrary: retry },
      timer,
      entity,
      http,
      ...(depth === 0 ? [event] : []),
      ...(depth === 0
        ? [
            fc
              .array(statement(1), { minLength: 1, maxLength: 3 })
              .map((body): Expression => ({ kind: 'sub', body })),
            // Nothing is left running in one that fails: what becomes of that is not defined.
            activity.map((expression): Expression => ({
              kind: 'sub',
              body: [
                { kind: 'throwing', expression: { ...expression, fails: true } as Expression },
              ],
            })),
          ]
        : []),
    );
  const steady = (depth: number): fc.Arbitrary<Expression> =>
    fc.oneof({ weight: 3, arbitrary: activity }, timer, entity, ...(depth === 0 ? [event] : []));
  const children = (child: fc.Arbitrary<Expression>) =>
    fc.array(child, { minLength: 2, maxLength: 4 });
  const compound = (depth: number): fc.Arbitrary<Expression> => {
    const flat = fc
      .record({
        kind: fc.constantFrom('all' as const, 'any' as const),
        children: children(leaf(depth)),
      })
      .map((one): Expression => (isFirst && one.kind === 'any' ? withoutRetries(one) : one));
    if (isFirst) return flat;
    return fc.oneof(
      flat,
      fc.record({
        kind: fc.constantFrom('all' as const, 'any' as const),
        children: children(fc.oneof(leaf(depth), flat)),
      }),
    );
  };
  const statement = (depth: number): fc.Arbitrary<Statement> => {
    const basic: fc.Arbitrary<Statement>[] = [
      leaf(depth).map((expression): Statement => ({ kind: 'await', expression })),
      compound(depth).map((expression): Statement => ({ kind: 'await', expression })),
      // Seldom, since what comes after a failure is not run.
      fc
        .record({ key, fails: fc.nat({ max: 9 }).map((n) => n === 7 && depth === 0) })
        .map((one): Statement => ({
          kind: 'throwing',
          expression: { kind: 'activity', ...one },
        })),
      children(isFirst ? steady(depth) : leaf(depth)).map((children): Statement => ({
        kind: 'anyLoop',
        children,
      })),
      children(isFirst ? steady(depth) : steady(1)).map((children): Statement => ({
        kind: 'anyThenAll',
        children,
      })),
      fc
        .record({ key, expression: isFirst ? steady(depth) : leaf(depth) })
        .map((one): Statement => ({ kind: 'race', ...one })),
      fc
        .record({ key, expression: isFirst ? steady(depth) : leaf(depth) })
        .map((one): Statement => ({ kind: 'again', ...one })),
      fc
        .constantFrom<unknown>('text', 1, { a: [1] }, null)
        .map((value): Statement => ({ kind: 'status', value })),
      ...(isFirst
        ? []
        : [fc.constantFrom('a', 'b').map((key): Statement => ({ kind: 'signal', key }))]),
    ];
    if (depth > 0) return fc.oneof(...basic);
    if (!isFirst) basic.push(key.map((key): Statement => ({ kind: 'branch', key })));
    const loop = fc
      .record({
        rounds: fc.integer({ min: 1, max: 3 }),
        body: fc.array(fc.oneof(...basic), { minLength: 1, maxLength: 2 }),
      })
      .map((one): Statement => ({ kind: 'loop', ...one }));
    const next = fc.constant<Statement>({ kind: 'continueAsNew' });
    return fc.oneof(...basic, loop, next);
  };
  return fc.array(statement(0), { minLength: 1, maxLength: 6 }).map(numbered);
}

/**
 * The same program, where a retried call fails at all of its attempts or at none: activities count how often they run, and what
 * leaks runs too often.
 */
export function withoutCounts(body: readonly Statement[]): readonly Statement[] {
  const text = JSON.stringify(body, (_name, value: unknown) => {
    const { kind, failures, attempts } = (value ?? {}) as Record<string, number | string>;
    if (kind !== 'retry' || failures === undefined || attempts === undefined) return value;
    return { ...(value as object), failures: failures < attempts ? 0 : NEVER_ENDING };
  });
  return JSON.parse(text) as readonly Statement[];
}

const NEVER_ENDING = 1_000;
const UNNUMBERED = 'k';

/** Gives each place of the program a key of its own. */
function numbered(body: readonly Statement[]): readonly Statement[] {
  let count = 0;
  const text = JSON.stringify(body, (name, value: unknown) =>
    name === 'key' && value === UNNUMBERED ? `k${String(count++)}` : value,
  );
  return JSON.parse(text) as readonly Statement[];
}

function withoutRetries(
  expression: { readonly kind: 'any'; readonly children: readonly Expression[] } | Expression,
): Expression {
  if (expression.kind !== 'any') return expression;
  return {
    kind: 'any',
    children: expression.children.map((child) =>
      child.kind === 'retry' ? { kind: 'activity', key: child.key, fails: false } : child,
    ),
  };
}
