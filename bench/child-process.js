// The processes of a benchmark: started with their output kept, waited for, and ended.
import { spawn } from 'node:child_process';
import net from 'node:net';

export async function freePort() {
  return await new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** @param onLine told of each line on stdout. */
export function run(command, args, { onLine, ...options } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = [];
  const stdout = [];
  let rest = '';
  child.stdout.on('data', (chunk) => {
    output.push(chunk);
    stdout.push(chunk);
    if (onLine === undefined) return;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  child.stderr.on('data', (chunk) => output.push(chunk));
  const exited = new Promise((resolve) => child.once('close', resolve));
  child.once('error', (error) => output.push(Buffer.from(String(error))));
  return {
    pid: child.pid,
    get hasExited() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    output: () => Buffer.concat(output).toString(),
    stdout: () => Buffer.concat(stdout).toString(),
    /** Resolves with the exit code when the process has ended by itself. */
    exited,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(killer);
    },
  };
}

/** @throws {Error} with the output, unless the process succeeds. @returns what it prints on stdout. */
export async function runToEnd(command, args, options) {
  const child = run(command, args, options);
  const code = await child.exited;
  if (code === 0) return child.stdout();
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${child.output()}`);
}

export async function untilListening(port, child) {
  await until(child, `port ${port}`, async () => {
    await new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });
  });
}

export async function untilAnswers(url, child) {
  await until(child, url, async () => {
    const response = await fetch(url);
    await response.arrayBuffer();
    if (response.status >= 500) throw new Error(`status ${response.status}`);
  });
}

async function until(child, what, attempt) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (child.hasExited || Date.now() > deadline) {
        // Nobody else knows of it, and it would keep the benchmark from ending.
        await child.stop('SIGKILL');
        const output = child.output().slice(-3000);
        throw new Error(`${what} did not answer: ${String(error)}\n${output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
