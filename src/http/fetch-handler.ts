/** Anything that answers requests: a Hono app, or a function behind one method. */
export interface FetchHandler {
  fetch(request: Request): Response | Promise<Response>;
}
