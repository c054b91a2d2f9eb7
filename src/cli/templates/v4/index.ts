/** Templates of the programming model that registers functions in code. */
export { http } from './http.ts';
export { timer } from './timer.ts';
export { queue } from './queue.ts';
export { orchestrator } from './orchestrator.ts';
export { activity } from './activity.ts';
export { httpStarter } from './http-starter.ts';
export { entity } from './entity.ts';
