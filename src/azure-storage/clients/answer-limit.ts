/**
 * A service ends each request by itself after a while. A network may swallow a request or its answer, and then nobody ever says
 * anything: TCP
 * waits for what was promised, the official clients set no limit, and a loop that asked would never ask again. Therefore a connection
 * on which nothing moved for too long, while an answer is due, is broken; the clients try again on another one.
 */
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** Longer than the services take before they give up themselves (30 s, which is what they are asked for). */
export const ANSWER_TIMEOUT_MS = 45_000;

/** @param agent whose connections end when they are idle for its `timeout`, in ms. A connection is broken at most that much later. */
export function limitSilence(agent: Agent, answerTimeoutMs: number): void {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const connection = create(options, callback) as Socket | null | undefined;
    connection?.on('timeout', () => {
      // Idle ones are the agent's own business.
      if (isFree(agent, connection)) return;
      // The agent measures idleness by the same clock, and sets it anew when the connection is free.
      if ((connection.timeout ?? 0) < answerTimeoutMs) connection.setTimeout(answerTimeoutMs);
      else connection.destroy(silence(answerTimeoutMs));
    });
    return connection;
  };
}

function isFree({ freeSockets }: Agent, connection: Socket): boolean {
  return Object.values(freeSockets).some((sockets) => sockets?.includes(connection) === true);
}

/** With the code by which the clients know what may be tried again. */
function silence(answerTimeoutMs: number): Error {
  const error = new Error(`nothing came for ${answerTimeoutMs / 1000} s`);
  return Object.assign(error, { code: 'ETIMEDOUT' });
}
