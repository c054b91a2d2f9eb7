// What processes and their children use, as Linux tells; elsewhere nothing is known.
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 200;

/** Of all of them together. CPU time is counted from their start, their ended children included. */
function usageOf(pids) {
  try {
    const processes = readProcesses();
    const all = new Set(pids);
    for (const pid of all) {
      for (const [child, { parent }] of processes) if (parent === pid) all.add(child);
    }
    let cpuMs = 0;
    let memoryMb = 0;
    for (const pid of all) {
      cpuMs += processes.get(pid)?.cpuMs ?? 0;
      memoryMb += residentMb(pid);
    }
    return { cpuMs, memoryMb };
  } catch {
    return { cpuMs: NaN, memoryMb: NaN };
  }
}

/** @returns what `work` resolves with, the CPU time that the processes used meanwhile, and the most memory that they held. */
export async function watchUsage(pids, work) {
  const before = usageOf(pids);
  let peakMb = before.memoryMb;
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, usageOf(pids).memoryMb);
  }, SAMPLE_MS);
  try {
    const result = await work();
    const after = usageOf(pids);
    return {
      result,
      cpuMs: after.cpuMs - before.cpuMs,
      memoryMb: Math.max(peakMb, after.memoryMb),
    };
  } finally {
    clearInterval(sampler);
  }
}

function readProcesses() {
  const processes = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readOrNothing(`/proc/${name}/stat`);
    if (stat === '') continue;
    // The name of the program, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    processes.set(Number(name), {
      parent: Number(fields[1]),
      cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
    });
  }
  return processes;
}

function residentMb(pid) {
  const status = readOrNothing(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

/** A process may have ended since it was listed. */
function readOrNothing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
