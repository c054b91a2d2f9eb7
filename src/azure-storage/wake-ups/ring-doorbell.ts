/** Rings at the door of another worker: one small request, whose answer only tells whether it was the right door. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { DoorbellAddress, Waiting } from './doorbell.ts';

/** The header that carries the key. */
export const DOORBELL_KEY_HEADER = 'x-doorbell-key';

const TIMEOUT_MS = 1_000;

// Not `fetch`: apps replace it, and who tests an app must not see what the host says to its like.
const KEPT_CONNECTIONS = { keepAlive: true, maxSockets: 4 };
const agents = { http: new HttpAgent(KEPT_CONNECTIONS), https: new HttpsAgent(KEPT_CONNECTIONS) };

/** @returns false when nobody answers there, or somebody else. Never throws. */
export function ringDoorbell(address: DoorbellAddress, waiting: Waiting): Promise<boolean> {
  return new Promise((resolve) => {
    const isSecure = address.url.startsWith('https:');
    const options = {
      method: 'POST',
      headers: { [DOORBELL_KEY_HEADER]: address.key, 'content-length': 0 },
      agent: isSecure ? agents.https : agents.http,
      timeout: TIMEOUT_MS,
    };
    const send = isSecure ? httpsRequest : httpRequest;
    const ringing = send(`${address.url}/${waiting}`, options, (answer) => {
      answer.resume();
      answer.once('close', () => {
        resolve(answer.statusCode === 204);
      });
    });
    ringing.once('timeout', () => ringing.destroy());
    ringing.once('error', () => {
      resolve(false);
    });
    ringing.end();
  });
}
