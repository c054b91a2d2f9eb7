/** What a template of `func new` is: a name that Core Tools knows it by, and the files that it makes. */
export const LANGUAGES = ['javascript', 'typescript'] as const;
export type Language = (typeof LANGUAGES)[number];

export const AUTH_LEVELS = ['anonymous', 'function', 'admin'] as const;
export type AuthLevel = (typeof AUTH_LEVELS)[number];

/** V4 registers functions in code; V3, the classic model, has a folder with a function.json for each. */
export const MODELS = ['v3', 'v4'] as const;
export type Model = (typeof MODELS)[number];

/** What an app of the model has among its dependencies for Durable Functions. */
export const DURABLE_SDK = {
  name: 'durable-functions',
  versions: { v3: '^2.1.3', v4: '^3.0.0' },
} as const satisfies { name: string; versions: Record<Model, string> };

export interface TemplateRequest {
  /** Of the function. */
  readonly name: string;
  readonly language: Language;
  /** Whether the app's package.json says `"type": "module"`. */
  readonly isModule: boolean;
  readonly authLevel: AuthLevel;
}

interface NamedTemplate {
  /** Compare without case and blanks, as Core Tools does. */
  readonly name: string;
  readonly defaultName: string;
  readonly description: string;
  readonly needsDurable: boolean;
}

/** One file of code. */
export interface V4Template extends NamedTemplate {
  readonly model: 'v4';
  readonly code: (request: TemplateRequest) => string;
}

/** A folder with function.json and its code. */
export interface V3Template extends NamedTemplate {
  readonly model: 'v3';
  readonly bindings: (request: TemplateRequest) => readonly object[];
  readonly code: (request: TemplateRequest) => string;
}

export type FunctionTemplate = V3Template | V4Template;
