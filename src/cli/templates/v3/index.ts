/** Templates of the classic programming model. */
export { http } from './http.ts';
export { timer } from './timer.ts';
export { queue } from './queue.ts';
export { orchestrator } from './orchestrator.ts';
export { activity } from './activity.ts';
export { httpStarter } from './http-starter.ts';
export { entity } from './entity.ts';
export { entityHttpStarter } from './entity-http-starter.ts';
