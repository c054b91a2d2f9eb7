/**
 * The route templates of ASP.NET Core, as function routes use them: literals, `{id}`, `{id?}`, `{id=5}`, `{id:int:min(1)}`,
 * `{*rest}`, `{file}.{ext}`, `{{` and `}}`. Parsing only; route-match.ts holds a path against the result.
 * Mirrors Microsoft.AspNetCore.Routing.Template.TemplateParser and InlineRouteParameterParser.
 */
import { InvalidInputError } from '../core/errors.ts';
import { type RouteConstraint, parseConstraint } from './route-constraint.ts';

export interface RouteParameter {
  readonly kind: 'parameter';
  readonly name: string;
  readonly isCatchAll: boolean;
  readonly isOptional: boolean;
  readonly defaultValue: string | undefined;
  readonly constraints: readonly RouteConstraint[];
}

interface RouteLiteral {
  readonly kind: 'literal';
  readonly text: string;
}

type RoutePart = RouteLiteral | RouteParameter;
/** What stands between two slashes. More than one part: a mixed segment such as `{file}.{ext}`. */
export type RouteSegment = readonly RoutePart[];

export interface RouteTemplate {
  readonly text: string;
  readonly segments: readonly RouteSegment[];
  readonly parameters: readonly RouteParameter[];
}

/**
 * @throws {InvalidInputError} naming the template and the rule it breaks.
 */
export function parseRouteTemplate(text: string): RouteTemplate {
  try {
    const trimmed = withoutLeadingSlash(text);
    const segments = trimmed === '' ? [] : splitSegments(trimmed).map(parseSegment);
    const parameters = segments.flat().filter((part) => part.kind === 'parameter');
    checkParameters(segments, parameters);
    return { text, segments, parameters };
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    throw new InvalidInputError(`The route template '${text}' is invalid: ${error.message}`);
  }
}

/** A broken rule, before the template is named. Never leaves this file. */
class TemplateFault extends Error {}

function withoutLeadingSlash(text: string): string {
  if (text.startsWith('~/')) return text.slice(2);
  if (text.startsWith('~')) {
    throw new TemplateFault("it cannot start with a '~' character unless followed by a '/'.");
  }
  return text.startsWith('/') ? text.slice(1) : text;
}

/** Slashes inside braces (a regex, a default) do not separate. A trailing slash is allowed and means nothing. */
function splitSegments(text: string): string[] {
  const segments: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') i = endOfBraces(text, i);
    else if (text[i] === '/') {
      segments.push(text.slice(start, i));
      start = i + 1;
    }
  }
  if (start < text.length) segments.push(text.slice(start));
  if (segments.includes('')) {
    throw new TemplateFault(
      "the separator '/' cannot appear consecutively; a parameter or a literal must stand between.",
    );
  }
  return segments;
}

/** Index of the last character of the brace group that starts at `open`: of `{{`, or of `{…}` where `{{` and `}}` inside are text. */
function endOfBraces(text: string, open: number): number {
  if (text[open + 1] === '{') return open + 1;
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '}' && text[i + 1] !== '}') return i;
    if (text[i] === '}' || text[i] === '{') {
      if (text[i + 1] !== text[i]) break;
      i++;
    }
  }
  throw new TemplateFault(
    "there is an incomplete parameter; check that each '{' has a matching '}'.",
  );
}

function parseSegment(segment: string): RouteSegment {
  const parts: RoutePart[] = [];
  let literal = '';
  const endLiteral = (): void => {
    if (literal !== '') parts.push({ kind: 'literal', text: literal });
    literal = '';
  };
  for (let i = 0; i < segment.length; i++) {
    const char = segment.charAt(i);
    if ((char === '{' || char === '}') && segment[i + 1] === char) {
      literal += char;
      i++;
    } else if (char === '{') {
      endLiteral();
      const end = endOfBraces(segment, i);
      parts.push(parseParameter(segment.slice(i + 1, end)));
      i = end;
    } else if (char === '}') {
      throw new TemplateFault(
        "there is an incomplete parameter; check that each '{' has a matching '}'.",
      );
    } else if (char === '?') {
      throw new TemplateFault(
        `the literal section '${segment}' is invalid; literal sections cannot contain the '?' character.`,
      );
    } else literal += char;
  }
  endLiteral();
  checkSegment(segment, parts);
  return parts;
}

/** `**name:constraint(args)?=default`, the braces taken off. */
function parseParameter(escaped: string): RouteParameter {
  const text = escaped.replaceAll('{{', '{').replaceAll('}}', '}');
  const stars = /^\*{0,2}/.exec(text)?.[0].length ?? 0;
  const nameEnd = text.slice(stars).search(/[:=]/);
  const isBare = nameEnd < 0;
  const hasQuestionMark = text.endsWith('?');
  const body = hasQuestionMark ? text.slice(0, -1) : text;
  const name = isBare ? body.slice(stars) : body.slice(stars, stars + nameEnd);
  if (name === '' || /[{}/?*]/.test(name)) {
    throw new TemplateFault(
      `the route parameter name '${name}' is invalid; it must be non-empty and cannot contain '{', '}', '/', '?' or '*'. '?' may stand only at the end and '*' only at the start.`,
    );
  }
  const { constraints, rest } = takeConstraints(isBare ? '' : body.slice(stars + nameEnd));
  const isCatchAll = stars > 0;
  const defaultValue = rest.startsWith('=') ? rest.slice(1) : undefined;
  if (isCatchAll && hasQuestionMark) {
    throw new TemplateFault(`the catch-all parameter '${name}' cannot be marked optional.`);
  }
  if (hasQuestionMark && defaultValue !== undefined) {
    throw new TemplateFault(`the optional parameter '${name}' cannot have a default value.`);
  }
  return {
    kind: 'parameter',
    name,
    isCatchAll,
    isOptional: hasQuestionMark,
    defaultValue,
    constraints,
  };
}

/** Reads `:a:b(…)` and stops at `=` or the end. A `)` ends the arguments only before `:`, `=` or the end, as regexes have their own. */
function takeConstraints(text: string): { constraints: RouteConstraint[]; rest: string } {
  const constraints: RouteConstraint[] = [];
  let at = 0;
  while (text[at] === ':') {
    let end = at + 1;
    while (end < text.length && !/[:=(]/.test(text.charAt(end))) end++;
    if (text[end] === '(') {
      const close = /\)(?=[:=]|$)/.exec(text.slice(end));
      if (close === null) {
        throw new TemplateFault(`the constraint '${text.slice(at + 1)}' lacks its ')'.`);
      }
      end += close.index + 1;
    }
    const reference = text.slice(at + 1, end);
    if (reference !== '') constraints.push(constraintOf(reference));
    at = end;
  }
  return { constraints, rest: text.slice(at) };
}

function constraintOf(reference: string): RouteConstraint {
  const parsed = parseConstraint(reference);
  if (typeof parsed === 'string') throw new TemplateFault(parsed);
  return parsed;
}

function checkSegment(segment: string, parts: RouteSegment): void {
  if (parts.length < 2) return;
  parts.forEach((part, i) => {
    if (part.kind === 'literal') return;
    const before = parts[i - 1];
    if (part.isCatchAll) {
      throw new TemplateFault(
        `the segment '${segment}' has more than one section and cannot contain a catch-all parameter.`,
      );
    }
    if (before?.kind === 'parameter') {
      throw new TemplateFault(
        `the segment '${segment}' has two consecutive parameters; a literal or a '/' must stand between them.`,
      );
    }
    if (!part.isOptional) return;
    if (i < parts.length - 1) {
      throw new TemplateFault(
        `in the segment '${segment}' the optional parameter '${part.name}' must be at the end.`,
      );
    }
    if (before?.text !== '.') {
      throw new TemplateFault(
        `in the segment '${segment}' only a period (.) can precede the optional parameter '${part.name}'.`,
      );
    }
  });
}

function checkParameters(
  segments: readonly RouteSegment[],
  parameters: readonly RouteParameter[],
): void {
  const seen = new Set<string>();
  for (const { name } of parameters) {
    if (seen.has(name.toLowerCase())) {
      throw new TemplateFault(`the route parameter name '${name}' appears more than once.`);
    }
    seen.add(name.toLowerCase());
  }
  const isCatchAll = (part: RoutePart): boolean => part.kind === 'parameter' && part.isCatchAll;
  if (segments.slice(0, -1).flat().some(isCatchAll)) {
    throw new TemplateFault('a catch-all parameter can only be the last segment.');
  }
}
