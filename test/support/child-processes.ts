/** The processes that tests have started: none of them outlives the test file that started it, however that ends. */
import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();

/** The process ends with its test file, or with this process, at the latest. */
export function endWithTests<Child extends ChildProcess>(child: Child): Child {
  if (running.size === 0) process.on('exit', killLeftovers);
  running.add(child);
  child.once('exit', () => {
    running.delete(child);
    if (running.size === 0) process.off('exit', killLeftovers);
  });
  return child;
}

/** Kills those that still run. They are not waited for. */
export function killLeftovers(): void {
  for (const child of running) child.kill('SIGKILL');
}
