/** The ports of `UseDevelopmentStorage=true`, which tests cannot choose: where they are taken, tests are skipped, and say so. */
import { connect } from 'node:net';

const DEVELOPMENT_PORTS = [10000, 10001, 10002] as const;

export async function developmentPortsAreTaken(): Promise<boolean> {
  const isTaken = (await listeningPorts()).some(Boolean);
  if (isTaken) {
    process.stderr.write('SKIPPED: the ports of UseDevelopmentStorage=true are taken.\n');
  }
  return isTaken;
}

/** Which of the three somebody listens on, in their order. */
export async function listeningPorts(): Promise<readonly boolean[]> {
  return await Promise.all(DEVELOPMENT_PORTS.map(isListening));
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
