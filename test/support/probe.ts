/**
 * The probe app (test/apps/probe-*) under `func start`, driven as a stranger drives it: over HTTP, with a task hub of its own.
 * Two editions of the same functions: the classic model with SDK 2.1, and the v4 model with SDK 3.5.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { azuriteConnectionString } from './azurite.ts';
import { eventually } from './eventually.ts';
import { WITHOUT_SESSION_CACHE, type FuncProcess } from './func-process.ts';
import type { InstanceStatus } from './instances.ts';
import { LONG_MS } from './patience.ts';
import { bootProbe, type Edition, type ProbeHost, type ProbeTarget } from './probe-host.ts';
import {
  blobNames,
  eventsOf,
  largeMessages,
  type Row,
  rowsOf,
  storedOf,
  type StoredOfInstance,
} from './probe-storage.ts';
import { sharedProbe, type SharedProbe } from './shared-probes.ts';

const EDITIONS: readonly Edition[] = ['probe-classic', 'probe-v4'];
export type { Edition };

export interface HistoryEventView {
  readonly EventType: string;
  readonly FunctionName?: string;
  readonly Name?: string;
  readonly Timestamp: string;
  readonly [field: string]: unknown;
}

export interface ProbeStatus extends InstanceStatus {
  readonly createdTime: string;
  readonly historyEvents?: readonly HistoryEventView[];
}

/** One execution of an activity that keeps the journal. */
interface JournalLine {
  readonly name: string;
  readonly key: string;
  readonly what: string;
  readonly atMs: number;
}

/** A busy machine takes its time; a quiet one a few hundred milliseconds. */
const PATIENCE_MS = 40_000;
const TEST_TIMEOUT_MS = LONG_MS;
const TERMINAL = ['Completed', 'Failed', 'Terminated', 'Canceled'];

export class Probe {
  readonly #target: ProbeTarget;
  readonly #isShared: boolean;
  #own: ProbeHost | undefined;
  #shared: SharedProbe | undefined;

  /** @param isShared the host is one that other test files use, too. */
  constructor(target: ProbeTarget, { isShared = false } = {}) {
    this.#target = target;
    this.#isShared = isShared;
  }

  get edition(): Edition {
    return this.#target.edition;
  }

  get #host(): SharedProbe {
    const host = this.#own ?? this.#shared;
    if (host === undefined) throw new Error('the probe app does not run');
    return host;
  }

  /** The process of a host that no other test file uses. */
  get func(): FuncProcess {
    if (this.#own === undefined) throw new Error('the host of the probe app is not ours');
    return this.#own.func;
  }

  get hub(): string {
    return this.#host.hub;
  }

  /** `http://localhost:<port>` */
  get url(): string {
    return this.#host.url;
  }

  /** Without a slash at the end. */
  get base(): string {
    return `${this.url}/runtime/webhooks/durabletask`;
  }

  /** Starts the host, or starts it again on the same hub. */
  async boot(): Promise<void> {
    if (this.#isShared) this.#shared = await sharedProbe(inject('sharedProbesUrl'), this.#target);
    else this.#own = await bootProbe(this.#target, azuriteConnectionString(), this.#own);
  }

  async shutDown(): Promise<void> {
    await this.#own?.stop();
  }

  /** @param target relative to the management API. */
  http(method: string, target: string, body?: unknown): Promise<Response> {
    return this.raw(
      method,
      target,
      body === undefined ? undefined : JSON.stringify(body),
      body === undefined ? {} : { 'Content-Type': 'application/json' },
    );
  }

  raw(
    method: string,
    target: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return fetch(`${this.base}/${target}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
  }

  /** Starts an instance. @returns its id. @throws {Error} unless the answer is 202. */
  async start(name: string, input?: unknown, id?: string): Promise<string> {
    const suffix = id === undefined ? '' : `/${encodeURIComponent(id)}`;
    const response = await this.http('POST', `orchestrators/${name}${suffix}`, input);
    const text = await response.text();
    if (response.status !== 202) throw new Error(`start of ${name}: ${response.status} ${text}`);
    return (JSON.parse(text) as { id: string }).id;
  }

  /** @param query without `?`. @throws {Error} when there is no such instance. */
  async status(id: string, query = ''): Promise<ProbeStatus> {
    const response = await this.http('GET', `instances/${encodeURIComponent(id)}?${query}`);
    if (response.status === 404) throw new Error(`there is no instance ${id}`);
    return (await response.json()) as ProbeStatus;
  }

  when(
    id: string,
    holds: (status: ProbeStatus) => boolean,
    timeoutMs = PATIENCE_MS,
  ): Promise<ProbeStatus> {
    return eventually(
      async () => {
        const status = await this.status(id);
        if (holds(status)) return status;
        throw new Error(`${id} is ${JSON.stringify(status)}`);
      },
      { timeoutMs, intervalMs: 100 },
    );
  }

  reaches(id: string, runtimeStatus: string, timeoutMs?: number): Promise<ProbeStatus> {
    return this.when(id, (status) => status.runtimeStatus === runtimeStatus, timeoutMs);
  }

  ended(id: string, timeoutMs?: number): Promise<ProbeStatus> {
    return this.when(id, (status) => TERMINAL.includes(status.runtimeStatus), timeoutMs);
  }

  /** Starts an instance and waits for its end. */
  async run(name: string, input?: unknown, timeoutMs?: number): Promise<ProbeStatus> {
    return this.ended(await this.start(name, input), timeoutMs);
  }

  /** @returns the HTTP status. */
  async raise(id: string, eventName: string, data: unknown): Promise<number> {
    const target = `instances/${encodeURIComponent(id)}/raiseEvent/${encodeURIComponent(eventName)}`;
    return (await this.http('POST', target, data)).status;
  }

  /** POST of `terminate`, `suspend`, `resume` … @returns the HTTP status. */
  async post(id: string, operation: string, reason?: string): Promise<number> {
    const query = reason === undefined ? '' : `?reason=${encodeURIComponent(reason)}`;
    const target = `instances/${encodeURIComponent(id)}/${operation}${query}`;
    return (await this.http('POST', target)).status;
  }

  purge(id: string): Promise<Response> {
    return this.http('DELETE', `instances/${encodeURIComponent(id)}`);
  }

  async list(query: string): Promise<ProbeStatus[]> {
    const response = await this.http('GET', `instances?${query}`);
    return (await response.json()) as ProbeStatus[];
  }

  /** The events of one type in the history of the current execution. */
  async events<Type extends HistoryEvent['EventType']>(
    id: string,
    eventType: Type,
  ): Promise<readonly Extract<HistoryEvent, { EventType: Type }>[]> {
    const events = await this.history(id);
    return events.filter(
      (event): event is Extract<HistoryEvent, { EventType: Type }> => event.EventType === eventType,
    );
  }

  /** All of it. */
  history(id: string): Promise<readonly HistoryEvent[]> {
    return eventsOf(this.#host, id);
  }

  /** How much the hub holds of an instance whose id needs no escaping. */
  stored(id: string): Promise<StoredOfInstance> {
    return storedOf(this.#host, id);
  }

  /** Rows of the History table, as the official client reads them; only in Azure Storage, as those below. */
  historyRows(id: string, eventType?: string): Promise<Row[]> {
    return rowsOf(this.#host, 'History', id, eventType);
  }

  instanceRows(id: string): Promise<Row[]> {
    return rowsOf(this.#host, 'Instances', id);
  }

  /** Names of the blobs that hold what is too long for a message or a row. */
  blobs(id: string): Promise<string[]> {
    return blobNames(this.#host, id);
  }

  largeMessages(): ContainerClient {
    return largeMessages(this.#host);
  }

  /** A call of the SDK's client inside the app. */
  async client(verb: string, args: unknown = {}): Promise<{ ok?: unknown; error?: string }> {
    const response = await fetch(`${this.url}/api/client/${verb}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(args),
    });
    return (await response.json()) as { ok?: unknown; error?: string };
  }

  journal(key: string): readonly JournalLine[] {
    const file = path.join(this.#host.folder, 'journal.log');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', of = '', , what = '', at]) => ({ name, key: of, what, atMs: Number(at) }))
      .filter((line) => line.key === key);
  }

  /** Lets the activity A_Gate of this key end. */
  openGate(key: string): void {
    writeFileSync(path.join(this.#host.folder, `${key}.open`), '');
  }

  /** Resolves once an activity with this key has begun. */
  async began(key: string): Promise<void> {
    await eventually(() => this.journal(key).some(({ what }) => what === 'start'), {
      timeoutMs: PATIENCE_MS,
    });
  }
}

/** An id that no other test uses. */
export function freshId(prefix = 'id'): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

interface ProbeOptions {
  readonly editions?: readonly Edition[];
  readonly env?: Readonly<Record<string, string>>;
  /** The tests count what is in the hub, or need the process. @default the host is shared with all files that want the same */
  readonly ownHost?: boolean;
}

/** The same tests for each edition, side by side, each against one host. */
export function describeProbe(
  title: string,
  tests: (probe: Probe) => void,
  { editions = EDITIONS, env, ownHost = false }: ProbeOptions = {},
): void {
  describe.concurrent.each(editions)(`${title} (%s)`, { timeout: TEST_TIMEOUT_MS }, (edition) => {
    const target = { edition, ...(env && { env }) };
    const probe = new Probe(target, { isShared: !ownHost });
    beforeAll(() => probe.boot());
    afterAll(() => probe.shutDown());
    tests(probe);
  });
}

/** As `describeProbe`, each against a host that no other file uses. */
export function describeOwnProbe(title: string, tests: (probe: Probe) => void): void {
  describeProbe(title, tests, { ownHost: true });
}

/** As `describeProbe`, and once more against hosts that keep no session: every message reads the history of its instance. */
export function describeProbeBothWays(title: string, tests: (probe: Probe) => void): void {
  describeProbe(title, tests);
  describeProbe(`${title}, without session cache`, tests, { env: WITHOUT_SESSION_CACHE });
}
