// A time in which nothing happens: what that costs, and how soon an instance is done that another process starts afterwards.
import { send } from './management-api.js';
import { watchUsage } from './process-usage.js';
import { countAll } from './storage-requests.js';

const POLL_MS = 10;

/**
 * What counts is the second half of the silence: in the first one, what was going on before comes to an end, and the pauses between
 * two looks into a queue grow to their longest, which takes almost a minute.
 * @param proxy that the engine sees storage through; undefined where there is none.
 */
export async function measureSilence(target, seconds, proxy) {
  const half = seconds / 2;
  await pause(half * 1000);
  proxy?.reset();
  const { cpuMs } = await watchUsage(target.pids, () => pause(half * 1000));
  return {
    idleCpuPercent: cpuMs / (half * 10),
    idleRequestsPerMinute: proxy && (countAll(proxy) * 60) / half,
  };
}

/**
 * A hello sequence that `func durable` starts, in ms from the time that the start is stamped with: to the write of the outcome, as
 * storage stamps it, or else to the time that the outcome itself is stamped with.
 */
export async function startFromAnotherProcess(target) {
  const { instanceId, createdTime } = await target.durable(
    'start-new',
    '--function-name',
    'HelloSequence',
  );
  const createdMs = Date.parse(createdTime);
  if (target.outcomes !== undefined) {
    for (;;) {
      const ended = await target.outcomes.ended();
      const outcome = ended.find(({ id }) => id === instanceId);
      if (outcome) return outcome.storedMs - createdMs;
      await pause(POLL_MS);
    }
  }
  const url = `${target.management}/instances/${instanceId}?code=x`;
  const { status } = await send('GET', url, { headers: { prefer: 'wait=60' } });
  if (status !== 200) throw new Error(`the instance of another process answered ${status}`);
  const { completedTime } = await target.durable('get-runtime-status', '--id', instanceId);
  return Date.parse(completedTime) - createdMs;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
