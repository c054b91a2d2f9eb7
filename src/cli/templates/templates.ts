/** The templates of `func new`, by programming model. The names are those of Core Tools, the code is ours. */
import type { FunctionTemplate, Model } from './template.ts';
import * as v3 from './v3/index.ts';
import * as v4 from './v4/index.ts';

const V4_TEMPLATES: readonly FunctionTemplate[] = [
  v4.http,
  v4.timer,
  v4.queue,
  v4.orchestrator,
  v4.activity,
  v4.httpStarter,
  v4.entity,
];

const V3_TEMPLATES: readonly FunctionTemplate[] = [
  v3.http,
  v3.timer,
  v3.queue,
  v3.orchestrator,
  v3.activity,
  v3.httpStarter,
  v3.entity,
  v3.entityHttpStarter,
];

export function templatesOf(model: Model): readonly FunctionTemplate[] {
  return model === 'v4' ? V4_TEMPLATES : V3_TEMPLATES;
}

/** Case and blanks do not count. */
export function findTemplate(
  templates: readonly FunctionTemplate[],
  name: string,
): FunctionTemplate | undefined {
  const plain = (text: string): string => text.replaceAll(/\s/g, '').toLowerCase();
  return templates.find((template) => plain(template.name) === plain(name));
}
