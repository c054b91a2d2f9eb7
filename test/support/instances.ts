/** Orchestrations as a client outside sees them: started and followed over HTTP, with nothing but the URLs of the answers. */
import { eventually } from './eventually.ts';

export interface InstanceStatus {
  readonly instanceId: string;
  readonly name: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly lastUpdatedTime: string;
  /** With `showHistory=true`. */
  readonly historyEvents?: readonly { readonly EventType: string }[];
}

interface StatusUrl {
  readonly id: string;
  readonly statusQueryGetUri: string;
}

/** What a starter function answers. */
export interface ManagementUrls extends StatusUrl {
  readonly sendEventPostUri: string;
  readonly terminatePostUri: string;
}

const TERMINAL = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** POSTs `input` as JSON to a starter function. @throws {Error} unless it answers 202. */
export async function start(url: string, input?: unknown): Promise<ManagementUrls> {
  const response = await post(url, input);
  const text = await response.text();
  if (response.status !== 202) throw new Error(`POST ${url}: ${response.status} ${text}`);
  return JSON.parse(text) as ManagementUrls;
}

/** Polls the status URL until the instance has ended. */
export function ended(urls: StatusUrl, timeoutMs = 20_000): Promise<InstanceStatus> {
  return statusWhen(urls, (status) => TERMINAL.includes(status.runtimeStatus), timeoutMs);
}

/** Polls the status URL until `holds` says so. */
export function statusWhen(
  urls: StatusUrl,
  holds: (status: InstanceStatus) => boolean,
  timeoutMs = 20_000,
): Promise<InstanceStatus> {
  return eventually(
    async () => {
      const response = await fetch(urls.statusQueryGetUri);
      const status = (await response.json()) as InstanceStatus;
      return holds(status) ? status : undefined;
    },
    { timeoutMs, intervalMs: 100 },
  );
}

/** Starts an instance and waits for its end. */
export async function run(
  url: string,
  input?: unknown,
  timeoutMs = 20_000,
): Promise<InstanceStatus> {
  return ended(await start(url, input), timeoutMs);
}

export function post(url: string, input?: unknown): Promise<Response> {
  if (input === undefined) return fetch(url, { method: 'POST' });
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(input),
  });
}
