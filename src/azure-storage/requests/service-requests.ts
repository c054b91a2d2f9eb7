/**
 * Requests to one service of an account that are made beside its official client: the five that every instance costs. A client
 * spends a millisecond of CPU on each, most of it on mappers, spans, streams and headers that these do not need. Here a request is
 * a text, and so is its answer.
 *
 * What matters stays the client's own: its pipeline is taken over with the steps that sign (key, signature, token), retry, go
 * through proxies and log, and with ours (`clients/request-policy.ts`). Errors are RestErrors as the client's.
 */
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpMethods,
  type Pipeline,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { sendText } from './text-client.ts';

/**
 * Steps of the clients' pipelines that do nothing for a request that is a text with its length and knows its headers. Each step costs
 * two or three promises a request.
 */
const UNUSED_STEPS = [
  'serializationPolicy',
  'deserializationPolicy',
  'decompressResponsePolicy',
  'formDataPolicy',
  'multipartPolicy',
  'redirectPolicy',
  'storageBrowserPolicy',
  'StorageCorrectContentLengthPolicy',
  'storageRequestFailureDetailsParserPolicy',
  'tracingPolicy',
  'userAgentPolicy',
  'setClientRequestIdPolicy',
  'wrapAbortSignalLikePolicy',
];

const USER_AGENT = 'durable-functions-extension';

export interface ServiceOptions {
  /** Of the service, without a slash at the end. */
  readonly url: string;
  /** Of the service's client. */
  readonly pipeline: Pipeline;
  /** Appended to every query; undefined when the pipeline signs. */
  readonly signature: string | undefined;
}

export interface TextRequest {
  readonly method: HttpMethods;
  /** Below the service's url, escaped, with a slash at the beginning. */
  readonly path: string;
  /** Escaped, without question mark. */
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly abortSignal?: AbortSignal | undefined;
}

export class ServiceRequests {
  /** Of the service, without a slash at the end. */
  readonly url: string;
  readonly #pipeline: Pipeline;
  readonly #signature: string | undefined;
  readonly #refusal: (response: PipelineResponse) => Error;

  /** @param refusal makes the error of an answer that is not a success. */
  constructor(options: ServiceOptions, refusal: (response: PipelineResponse) => Error) {
    this.url = options.url;
    this.#signature = options.signature;
    this.#refusal = refusal;
    this.#pipeline = options.pipeline.clone();
    for (const name of UNUSED_STEPS) this.#pipeline.removePolicy({ name });
  }

  /** @throws {RestError} for every answer that is not a success, and for none. */
  async send({
    method,
    path,
    query,
    headers,
    body,
    abortSignal,
  }: TextRequest): Promise<PipelineResponse> {
    const parameters = [query, this.#signature].filter(Boolean).join('&');
    const request = createPipelineRequest({
      url: parameters === '' ? this.url + path : `${this.url}${path}?${parameters}`,
      method,
      headers: createHttpHeaders(headers),
      allowInsecureConnection: true,
      ...(body !== undefined && { body }),
      ...(abortSignal && { abortSignal }),
    });
    // Storage asks for it where nothing is sent, too.
    request.headers.set('Content-Length', body === undefined ? 0 : Buffer.byteLength(body));
    // For the logs of the account.
    request.headers.set('User-Agent', USER_AGENT);
    request.headers.set('x-ms-client-request-id', request.requestId);
    const response = await this.#pipeline.sendRequest(TEXT_CLIENT, request);
    if (response.status < 200 || response.status >= 300) throw this.#refusal(response);
    return response;
  }
}

const TEXT_CLIENT = { sendRequest: sendText };
