/**
 * The server hands over objects that look like Requests, and become one where they have to: most never do, since a Request of Node
 * makes a stream of a body of four bytes. Whoever copies one, or gives it to functions of the app, takes a real one.
 */
export function nativeRequest(request: Request): Request {
  if (Object.getPrototypeOf(request) === Request.prototype) return request;
  const { method, url, headers, signal } = request;
  const init = { method, headers, signal };
  if (method === 'GET' || method === 'HEAD') return new Request(url, init);
  return new Request(url, { ...init, body: request.body, duplex: 'half' });
}

/** A copy that asks for another URL, whatever the server has handed over. */
export function requestTo(url: string | URL, request: Request): Request {
  return new Request(url, nativeRequest(request));
}
