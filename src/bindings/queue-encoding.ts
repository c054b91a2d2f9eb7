/** How a message is written in a queue, by `messageEncoding` of host.json. Mirrors QueueMessageEncoding of the storage clients. */
export type QueueEncoding = 'base64' | 'none';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function encodeBody(body: string | Uint8Array, encoding: QueueEncoding): string {
  const bytes = Buffer.from(body as string);
  return bytes.toString(encoding === 'base64' ? 'base64' : 'utf8');
}

/** undefined when the text is not in the encoding. */
export function decodeBody(text: string, encoding: QueueEncoding): Buffer | undefined {
  if (encoding === 'none') return Buffer.from(text, 'utf8');
  const compact = text.replaceAll(/\s/g, '');
  return BASE64.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}
