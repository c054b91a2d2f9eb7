/**
 * The functions of an app with those in their place that a test gives, and a record of what was called. What is given to one
 * orchestration holds for its sub-orchestrations, too.
 */
import { isCompound, type OrchestratorAnswer, type SdkAction } from '../core/replay/action.ts';
import type { EventFeed } from '../core/replay/event-feed.ts';
import { HTTP_ACTIVITY } from '../core/replay/http-call.ts';
import type {
  ActivityInvocation,
  ActivityOutcome,
  EntityInvocation,
  EntityOutcome,
  FunctionDirectory,
  FunctionInvoker,
  OrchestrationRun,
  OrchestratorInvocation,
} from '../engine/function-invoker.ts';
import { parseJsonOrText } from '../base/json.ts';
import { activityFailure, activityInput } from '../function-app/activity-trigger.ts';
import type { HttpAnswer, HttpMessage } from '../function-app/durable-http/http-client.ts';
import { withHttpActivity } from '../function-app/durable-http/with-http-activity.ts';
import { describeThrown } from '../function-app/failure-text.ts';
import { silentLogger } from '../telemetry/log.ts';
import { CALL_ENTITY, openEntityCall } from './entity-call.ts';
import { forTest } from './json-values.ts';
import type { UserCode } from './user-code.ts';

/** Gets the input of the function that it stands for, and returns, or resolves with, its result. What it throws, the call does. */
export type Replacement = (input: never) => unknown;

/** Functions that stand for those of an app, by name. Names compare without case. */
export interface Replacements {
  /** @default the activities of the app */
  readonly activities?: Readonly<Record<string, Replacement>>;
  /** For orchestrators that others call. @default the orchestrators of the app */
  readonly subOrchestrators?: Readonly<Record<string, Replacement>>;
  /** Answers the requests of `callHttp`. @default each fails: a unit test does not reach out to the network */
  readonly http?: (request: Request) => Response | Promise<Response>;
}

/** A call of an activity or a sub-orchestrator: one for each time that it ran, retries included. */
export interface RecordedCall {
  readonly name: string;
  readonly input: unknown;
}

/** What is known of an orchestration that a test has started. */
interface Started {
  /** The first that has a function counts. */
  readonly replacements: readonly Replacements[];
  readonly calls: RecordedCall[];
}

export class ReplacedFunctions implements FunctionInvoker {
  readonly #app: FunctionInvoker;
  readonly #userCode: UserCode;
  readonly #replacements: Replacements;
  /** By instance, those of sub-orchestrations included, which share what their parent has. */
  readonly #started = new Map<string, Started>();
  readonly #executions = new Set<string>();
  readonly #givenActivities = new Set<string>();
  readonly #givenOrchestrators = new Set<string>();
  /** By instance: the names of all external events that it has asked for. */
  readonly #awaitedEvents = new Map<string, readonly string[]>();

  /** @param replacements for all orchestrations that are not given others. */
  constructor(app: FunctionInvoker, userCode: UserCode, replacements: Replacements) {
    this.#app = app;
    this.#userCode = userCode;
    this.#replacements = replacements;
    this.#give(replacements);
  }

  /** Those that tests give are there although the app may not have them: a test may load a part of it. */
  get functions(): FunctionDirectory {
    const { functions } = this.#app;
    return {
      ...functions,
      orchestrators: [...functions.orchestrators, CALL_ENTITY, ...this.#givenOrchestrators],
      activities: [...functions.activities, ...this.#givenActivities],
    };
  }

  /** Before the instance starts. */
  prepare(instanceId: string, replacements: Replacements): void {
    this.#give(replacements);
    this.#started.set(instanceId, { replacements: [replacements, this.#replacements], calls: [] });
  }

  callsOf(instanceId: string): readonly RecordedCall[] {
    return this.#started.get(instanceId)?.calls ?? [];
  }

  /** The orchestration, and its sub-orchestrations, those below them included. */
  treeOf(instanceId: string): readonly string[] {
    const started = this.#started.get(instanceId);
    const tree = [...this.#started].filter(([, each]) => each === started).map(([id]) => id);
    return started === undefined ? [instanceId] : tree;
  }

  awaitedEvents(instanceId: string): readonly string[] {
    return [...new Set(this.#awaitedEvents.get(instanceId))];
  }

  openOrchestration(invocation: OrchestratorInvocation): OrchestrationRun {
    const { functionName, instanceId, parentInstanceId } = invocation;
    if (functionName === CALL_ENTITY) return openEntityCall(invocation);
    const parent = parentInstanceId === null ? undefined : this.#started.get(parentInstanceId);
    if (parent === undefined) return this.#observed(invocation);
    this.#started.set(instanceId, parent);
    const input = invocation.input === null ? undefined : parseJsonOrText(invocation.input);
    if (!this.#executions.has(invocation.executionId)) {
      this.#executions.add(invocation.executionId);
      parent.calls.push({ name: functionName, input });
    }
    const replacement = named(parent, 'subOrchestrators', functionName);
    return replacement === undefined
      ? this.#observed(invocation)
      : new ReplacedOrchestration(() => this.#userCode.run(() => call(replacement, input)));
  }

  async runActivity(invocation: ActivityInvocation): Promise<ActivityOutcome> {
    const { functionName, instanceId } = invocation;
    const started = this.#started.get(instanceId);
    const input = activityInput(invocation.input);
    if (functionName === HTTP_ACTIVITY) {
      return await this.#userCode.run(() => this.#runHttp(invocation));
    }
    started?.calls.push({ name: functionName, input });
    const replacement = named(started, 'activities', functionName);
    return await this.#userCode.run(async () => {
      if (replacement === undefined) return await this.#app.runActivity(invocation);
      try {
        return { kind: 'completed', result: await call(replacement, input) };
      } catch (error) {
        return activityFailure(functionName, error);
      }
    });
  }

  async runEntity(invocation: EntityInvocation): Promise<EntityOutcome> {
    return await this.#userCode.run(() => this.#app.runEntity(invocation));
  }

  async #runHttp(invocation: ActivityInvocation): Promise<ActivityOutcome> {
    const started = this.#started.get(invocation.instanceId);
    const http = started?.replacements.find((each) => each.http !== undefined)?.http;
    const invoker = withHttpActivity(this.#app, {
      log: silentLogger,
      tokens: () => Promise.resolve('token-of-a-unit-test'),
      client: async (message) => {
        if (http === undefined) throw new Error(unansweredText(message));
        return await toHttpAnswer(await http(toRequest(message)));
      },
    });
    return await invoker.runActivity(invocation);
  }

  #give({ activities, subOrchestrators }: Replacements): void {
    for (const name of Object.keys(activities ?? {})) this.#givenActivities.add(name);
    for (const name of Object.keys(subOrchestrators ?? {})) this.#givenOrchestrators.add(name);
  }

  /** The run of the app, whose requests for events are noted: an orchestration that does not end waits for one of them. */
  #observed(invocation: OrchestratorInvocation): OrchestrationRun {
    const run = this.#app.openOrchestration(invocation);
    const observe = (events: EventFeed): EventFeed => ({
      next: (asked) => {
        const event = events.next(asked);
        if (event === undefined) this.#awaitedEvents.set(invocation.instanceId, eventNames(asked));
        return event;
      },
      rest: () => events.rest(),
    });
    return {
      get isReplayed() {
        return run.isReplayed;
      },
      feed: (events) => run.feed(observe(events)),
      close: () => {
        run.close();
      },
    };
  }
}

class ReplacedOrchestration implements OrchestrationRun {
  readonly isReplayed = false;
  readonly #run: () => Promise<string | null>;

  constructor(run: () => Promise<string | null>) {
    this.#run = run;
  }

  async feed(events: EventFeed): Promise<OrchestratorAnswer> {
    while (events.next([]));
    try {
      return { kind: 'ran', isDone: true, output: await this.#run(), customStatus: null };
    } catch (error) {
      const { message } = describeThrown(error);
      return { kind: 'threw', message, failureDetails: null, customStatus: null };
    }
  }

  close(): void {
    // What it stands for is a function that has returned.
  }
}

function eventNames(actions: readonly SdkAction[]): readonly string[] {
  return actions.flatMap((action) => {
    if (isCompound(action)) return eventNames(action.children);
    return action.kind === 'waitForExternalEvent' ? [action.eventName] : [];
  });
}

function named(
  started: Started | undefined,
  kind: 'activities' | 'subOrchestrators',
  functionName: string,
): Replacement | undefined {
  const name = functionName.toLowerCase();
  const given = started?.replacements.flatMap((each) => Object.entries(each[kind] ?? {}));
  return given?.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** @returns JSON text; null for none. */
async function call(replacement: Replacement, input: unknown): Promise<string | null> {
  const result: unknown = await replacement(forTest(input) as never);
  return result === undefined ? null : JSON.stringify(result);
}

function unansweredText({ method, url }: HttpMessage): string {
  return `callHttp ${method} ${url.href} was not sent: in a unit test requests go to the function 'http' that the test gives. Give one to loadDurableApp or to start: { http: (request) => Response.json({ ok: true }) }.`;
}

function toRequest({ method, url, headers, body }: HttpMessage): Request {
  const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
  return new Request(url, {
    method,
    headers: headers.flatMap(({ name, values }) =>
      values.map((value): [string, string] => [name, value]),
    ),
    ...(hasBody && { body: new Uint8Array(body) }),
  });
}

async function toHttpAnswer(response: Response): Promise<HttpAnswer> {
  return {
    statusCode: response.status,
    headers: [...response.headers].map(([name, value]) => ({ name, values: [value] })),
    body: Buffer.from(await response.arrayBuffer()),
  };
}
