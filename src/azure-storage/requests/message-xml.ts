/**
 * As much XML as the queue service writes about messages: elements without attributes and without children of the same name,
 * and text in which markup is escaped.
 */

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
  // A parser would read it as a line feed.
  ['\r', '&#xD;'],
]);

/** As the content of an element. */
export function escapeXmlText(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => ESCAPES.get(character) ?? character);
}

/** The text of the first element of this name. @throws {SyntaxError} when there is none. */
export function elementOf(xml: string, name: string): string {
  const content = contentOf(xml, name, 0);
  if (content === undefined) throw new SyntaxError(`The answer has no ${name}`);
  return unescapeXmlText(content.text);
}

/** What is in the elements of this name. @throws {SyntaxError} when the last one does not end. */
export function elementsOf(xml: string, name: string): readonly string[] {
  const contents: string[] = [];
  for (let content = contentOf(xml, name, 0); content; content = contentOf(xml, name, content.end))
    contents.push(content.text);
  return contents;
}

function contentOf(
  xml: string,
  name: string,
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  const opening = new RegExp(`<${name}(?:\\s*/)?>`, 'g');
  opening.lastIndex = from;
  const tag = opening.exec(xml)?.[0];
  if (tag === undefined) return undefined;
  const begin = opening.lastIndex;
  if (tag.endsWith('/>')) return { text: '', end: begin };
  const end = xml.indexOf(`</${name}>`, begin);
  if (end < 0) throw new SyntaxError(`The answer ends within ${name}`);
  return { text: xml.slice(begin, end), end };
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function unescapeXmlText(text: string): string {
  if (text.includes('\r')) return unescapeXmlText(text.replace(/\r\n?/g, '\n'));
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([\da-fA-F]+));/g,
    (escape, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return NAMED.get(name) ?? escape;
      return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16));
    },
  );
}
