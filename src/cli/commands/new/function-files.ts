/** The files of a new function, by programming model. */
import type { FunctionTemplate, TemplateRequest } from '../../templates/template.ts';

export interface CodePlace {
  /** Where the functions of the v4 model lie; with slashes. */
  readonly folder: string;
  /** The very file for code of the v4 model. @default one in that folder, named after the function */
  readonly file: string | undefined;
}

/** @returns path in the app → content */
export function functionFiles(
  template: FunctionTemplate,
  request: TemplateRequest,
  place: CodePlace,
): Readonly<Record<string, string>> {
  const { name, language } = request;
  const extension = language === 'typescript' ? 'ts' : 'js';
  const code = template.code(request).trimStart();
  switch (template.model) {
    case 'v4':
      return { [place.file ?? `${place.folder}/${name}.${extension}`]: code };
    case 'v3': {
      const functionJson = {
        bindings: template.bindings(request),
        ...(language === 'typescript' && { scriptFile: `../dist/${name}/index.js` }),
      };
      return {
        [`${name}/function.json`]: `${JSON.stringify(functionJson, null, 2)}\n`,
        [`${name}/index.${extension}`]: code,
      };
    }
  }
}
