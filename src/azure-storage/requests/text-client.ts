/**
 * The last step of a pipeline: sends a request whose body is a text, and reads the answer as one. The client of the pipelines'
 * library makes streams and signals for each request. Errors are those of that client.
 */
import http from 'node:http';
import https from 'node:https';
import {
  createHttpHeaders,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { onAbort } from '../../base/abort.ts';

/**
 * @throws {RestError} without a status: the request could not be sent, or its answer not be read.
 * @throws an error named `AbortError` when the signal of the request aborts first.
 */
export async function sendText(request: PipelineRequest): Promise<PipelineResponse> {
  const { method, headers, agent, body, abortSignal } = request;
  const { protocol, hostname, port, pathname, search } = new URL(request.url);
  const options: https.RequestOptions = {
    agent: agent as http.Agent | undefined,
    hostname,
    port,
    path: pathname + search,
    method,
    headers: headers.toJSON({ preserveCase: true }),
  };
  return await new Promise((resolve, reject) => {
    const answered = (incoming: http.IncomingMessage): void => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.once('end', () => {
        takeOff?.();
        const status = incoming.statusCode ?? 0;
        const answerHeaders = createHttpHeaders(incoming.headers as Record<string, string>);
        resolve({ request, status, headers: answerHeaders, bodyAsText: text });
      });
      incoming.once('error', (error) => {
        takeOff?.();
        const message = `Error reading response as text: ${error.message}`;
        reject(new RestError(message, { code: RestError.PARSE_ERROR, request }));
      });
    };
    const outgoing =
      protocol === 'https:' ? https.request(options, answered) : http.request(options, answered);
    const takeOff =
      abortSignal &&
      onAbort(abortSignal as AbortSignal, () => {
        const aborted = new Error('The operation was aborted.');
        aborted.name = 'AbortError';
        reject(aborted);
        outgoing.destroy(aborted);
      });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      takeOff?.();
      const code = error.code ?? RestError.REQUEST_SEND_ERROR;
      reject(new RestError(error.message, { code, request }));
    });
    outgoing.end(body);
  });
}
