/**
 * The `path` of a blob trigger: a container, and a pattern that names of blobs fit, `invoices/{name}.{ext}`. What stands for the
 * expressions is binding data. Mirrors BlobPathSource of the WebJobs storage extension: an expression takes as much as it can.
 */
import { InvalidInputError } from '../../core/errors.ts';
import { type TemplatePart, parseBindingTemplate } from '../binding-template.ts';
import { checkContainerName } from '../blob-path.ts';

export interface BlobPattern {
  readonly container: string;
  /** What the expressions stand for in this name; undefined when it does not fit. */
  match(blobName: string): Readonly<Record<string, string>> | undefined;
}

/** @throws {InvalidInputError} whose message completes "The binding 'x': ". */
export function parseBlobPattern(path: string | undefined): BlobPattern {
  if (path === undefined) {
    throw new InvalidInputError(`it needs a 'path' such as "orders/{name}".`);
  }
  const slash = path.indexOf('/');
  const container = slash < 0 ? path : path.slice(0, slash);
  if (/[{}]/.test(container)) {
    throw new InvalidInputError(
      `its 'path' '${path}' has an expression in the name of the container: it takes only one in the name of the blob.`,
    );
  }
  checkContainerName(container);
  const name = slash < 0 ? '' : path.slice(slash + 1);
  if (name === '') return { container, match: () => ({}) };
  const segments = segmentsOf(parseBindingTemplate(name), path);
  return { container, match: (blobName) => match(blobName, segments) };
}

/** Texts and names take turns: a text stands before each name, and one at the end. */
interface Segments {
  readonly names: readonly string[];
  readonly texts: readonly string[];
}

function segmentsOf(parts: readonly TemplatePart[], path: string): Segments {
  const names: string[] = [];
  const texts: string[] = [''];
  for (const part of parts) {
    if (part.kind === 'text') {
      texts.push(`${texts.pop() ?? ''}${part.text}`);
      continue;
    }
    const [name, ...members] = part.path;
    if (members.length > 0 || part.format !== undefined || !/^[\p{L}\p{N}_]+$/u.test(name)) {
      throw new InvalidInputError(
        `its 'path' '${path}' has an expression that is no plain name: a part of a blob's name can be called {name}, {ext} and the like.`,
      );
    }
    if (names.includes(name)) {
      throw new InvalidInputError(`its 'path' '${path}' has '{${name}}' twice.`);
    }
    names.push(name);
    texts.push('');
  }
  return { names, texts };
}

/** From the end, each text at its last place: so the expressions before it get as much as they can. */
function match(
  blobName: string,
  { names, texts }: Segments,
): Readonly<Record<string, string>> | undefined {
  const last = texts.length - 1;
  if (last === 0) return blobName === texts[0] ? {} : undefined;
  const values: [string, string][] = [];
  let end = blobName.length;
  for (const [index, text] of [...texts.entries()].reverse()) {
    const latest = end - text.length;
    const at = index === 0 ? 0 : index === last ? latest : blobName.lastIndexOf(text, latest);
    if (latest < 0 || at < 0 || at > latest || !blobName.startsWith(text, at)) return undefined;
    if (index < last) values.unshift([names[index] ?? '', blobName.slice(at + text.length, end)]);
    end = at;
  }
  return Object.fromEntries(values);
}
