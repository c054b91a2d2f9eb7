/** What one worker says at the door of another: a small request, with the key that the storage of the hub tells. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { boundedBytes } from '../../base/bounded-bytes.ts';
import { isRecord, parseRecord } from '../../base/json.ts';
import type { RunningFunction, RunningNow } from '../../core/running-now.ts';
import type { DoorbellAddress, Waiting } from './doorbell.ts';

/** The header that carries the key. */
export const DOORBELL_KEY_HEADER = 'x-doorbell-key';

const TIMEOUT_MS = 1_000;
/** Of each function that runs: long names and ids. */
const MAX_BYTES_EACH = 2_048;

// Not `fetch`: apps replace it, and who tests an app must not see what the host says to its like.
const KEPT_CONNECTIONS = { keepAlive: true, maxSockets: 4 };
const agents = { http: new HttpAgent(KEPT_CONNECTIONS), https: new HttpsAgent(KEPT_CONNECTIONS) };

/** @returns false when nobody answers there, or somebody else. Never throws. */
export async function ringDoorbell(address: DoorbellAddress, waiting: Waiting): Promise<boolean> {
  const answer = await callDoor(address, { method: 'POST', path: String(waiting), maxBytes: 0 });
  return answer?.status === 204;
}

/**
 * Asks a worker what it executes at the moment.
 * @param count of the functions that have run longest.
 * @returns undefined when nobody answers there, or not in such words. Never throws.
 */
export async function askRunning(
  address: DoorbellAddress,
  count: number,
): Promise<RunningNow | undefined> {
  const path = `running?top=${count}`;
  const maxBytes = (count + 1) * MAX_BYTES_EACH;
  const answer = await callDoor(address, { method: 'GET', path, maxBytes });
  return answer?.status === 200 ? runningIn(answer.text, count) : undefined;
}

interface DoorAnswer {
  readonly status: number | undefined;
  readonly text: string;
}

function callDoor(
  { url, key }: DoorbellAddress,
  { method, path, maxBytes }: { method: 'GET' | 'POST'; path: string; maxBytes: number },
): Promise<DoorAnswer | undefined> {
  return new Promise((resolve) => {
    const isSecure = url.startsWith('https:');
    const options = {
      method,
      headers: { [DOORBELL_KEY_HEADER]: key, 'content-length': 0 },
      agent: isSecure ? agents.https : agents.http,
      // Until the end of the answer: who sends a little now and then is not waited for either.
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const send = isSecure ? httpsRequest : httpRequest;
    const calling = send(`${url}/${path}`, options, (answer) => {
      boundedBytes(answer, maxBytes).then(
        (bytes) => {
          resolve({ status: answer.statusCode, text: bytes.toString('utf8') });
        },
        () => {
          resolve(undefined);
        },
      );
    });
    calling.once('error', () => {
      resolve(undefined);
    });
    calling.end();
  });
}

/** Whoever may write into the storage of the hub says where to ask: what comes is not taken for granted. */
function runningIn(text: string, count: number): RunningNow | undefined {
  const { total, running } = parseRecord(text) ?? {};
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || !Array.isArray(running)) {
    return undefined;
  }
  return running.length <= count && running.every(isRunningFunction)
    ? { total: Math.max(total, running.length), running }
    : undefined;
}

function isRunningFunction(value: unknown): value is RunningFunction {
  if (!isRecord(value)) return false;
  const { kind, name, instanceId, sinceMs } = value;
  return (
    (kind === 'activity' || kind === 'orchestrator' || kind === 'entity') &&
    typeof name === 'string' &&
    typeof instanceId === 'string' &&
    typeof sinceMs === 'number' &&
    !Number.isNaN(new Date(sinceMs).getTime())
  );
}
