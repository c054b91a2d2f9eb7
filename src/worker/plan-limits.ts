/** What an app in Azure should know about its plan: the host cannot see our queues, and wakes nobody for what lies in them. */
import { ownMember } from '../base/own-member.ts';
import { findAppSetting, resolveAppSettings } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { parseSchedule } from '../triggers/cron.ts';
import type { AppLife } from './interception.ts';

/** By WEBSITE_SKU: plans that stop an app which nobody calls. */
const SLEEPING_PLANS: Readonly<Record<string, string>> = {
  dynamic: 'On a consumption plan',
  flexconsumption: 'On a Flex Consumption plan without an always-ready instance',
};
const WARM_UP_FUNCTION = 'DurableTaskWarmUp';

/** Says it once, at start, and registers the timer that keeps the app awake, where host.json asks for one. */
export function reportLimits(config: Config, life: Pick<AppLife, 'register'>, log: Logger): void {
  const { warmUpSchedule } = config.durableTask;
  if (warmUpSchedule !== undefined) {
    registerWarmUp(warmUpSchedule, config, { life, log });
    return;
  }
  const sku = findAppSetting(config.environment, 'WEBSITE_SKU')?.toLowerCase() ?? '';
  const plan = ownMember(SLEEPING_PLANS, sku);
  if (plan === undefined) return;
  const message = `${plan}, the app is stopped when nobody calls it, and nothing wakes it for timers, events and activities of orchestrations. Use a plan that keeps it running (Always On, premium, always-ready), or set extensions.durableTask.warmUpSchedule in host.json, such as "0 */5 * * * *".`;
  text(log, 'warning', 'Host.Startup', message);
}

/** The host would say of a wrong schedule that a function is in error which the app does not know. */
function registerWarmUp(
  schedule: string,
  { environment }: Config,
  { life, log }: { readonly life: Pick<AppLife, 'register'>; readonly log: Logger },
): void {
  try {
    parseSchedule(resolveAppSettings(schedule, environment));
  } catch (error) {
    const message = `extensions.durableTask.warmUpSchedule does not keep the app awake: ${errorText(error)}`;
    text(log, 'error', 'Host.Startup', message);
    return;
  }
  const bindings = { timer: { type: 'timerTrigger', direction: 'in', schedule } };
  life.register({ name: WARM_UP_FUNCTION, bindings }, () => Promise.resolve());
}
