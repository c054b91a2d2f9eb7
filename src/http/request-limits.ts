/** How much of a request the host's own doors take. What is more is the client's fault, and is told him before anything is done. */
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { nativeRequest } from './native-request.ts';
import { messageResponse } from './responses.ts';

const DEFAULT_BODY_LIMIT_BYTES = 104_857_600;

/** Path and query, as Kestrel has it: storage takes no longer ones either. The reasons of POSTs are as long as Node lets them be. */
const MAX_TARGET_LENGTH = 8 * 1024;

/** To be called before routes are added. @param maxBodyBytes larger bodies answer 413. */
export function limitRequests(app: Hono, maxBodyBytes = DEFAULT_BODY_LIMIT_BYTES): void {
  app.use(async ({ req }, next) => {
    const { pathname, search } = new URL(req.url);
    const asked = req.method === 'POST' ? pathname : pathname + search;
    if (asked.length > MAX_TARGET_LENGTH) {
      return messageResponse(
        414,
        `Path and query of the request exceed ${MAX_TARGET_LENGTH} characters.`,
      );
    }
    await next();
    return undefined;
  });
  const onError = () =>
    messageResponse(413, `The body of the request exceeds ${maxBodyBytes} bytes.`);
  const countBytes = bodyLimit({ maxSize: maxBodyBytes, onError });
  app.use(async (context, next) => {
    const { req } = context;
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    const length = req.header('content-length');
    if (length === undefined || req.header('transfer-encoding') !== undefined) {
      req.raw = nativeRequest(req.raw);
      return countBytes(context, next);
    }
    return Number(length) > maxBodyBytes ? onError() : next();
  });
}
