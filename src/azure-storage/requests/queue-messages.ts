/** The messages of one queue: the four requests of the queue service about them. */
import { type PipelineResponse, RestError } from '@azure/core-rest-pipeline';
import { elementOf, elementsOf, escapeXmlText } from './message-xml.ts';
import { type ServiceOptions, ServiceRequests } from './service-requests.ts';

export interface PutMessage {
  readonly messageId: string;
  readonly popReceipt: string;
}

export interface GotMessage extends PutMessage {
  readonly text: string;
  readonly dequeueCount: number;
  readonly insertedAtMs: number;
}

/** How long storage may take for a request before it gives up, in seconds: what the queue client asks for, too. */
const TIMEOUT = 'timeout=30';
const NEVER_EXPIRES = -1;
const HEADERS = { Accept: 'application/xml' };
const XML_HEADERS = { ...HEADERS, 'Content-Type': 'application/xml; charset=utf-8' };

export class QueueMessages {
  readonly #service: ServiceRequests;
  readonly #path: string;

  constructor(service: ServiceRequests, queueName: string) {
    this.#service = service;
    this.#path = `/${encodeURIComponent(queueName)}/messages`;
  }

  /** Puts a message that never expires. @param invisibleSeconds nobody gets it before. */
  async put(text: string, invisibleSeconds: number): Promise<PutMessage> {
    const response = await this.#service.send({
      method: 'POST',
      path: this.#path,
      query: `messagettl=${NEVER_EXPIRES}&visibilitytimeout=${invisibleSeconds}&${TIMEOUT}`,
      headers: XML_HEADERS,
      body: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><QueueMessage><MessageText>${escapeXmlText(text)}</MessageText></QueueMessage>`,
    });
    return required(response, putMessage);
  }

  /** Gets up to `count` messages, at most 32, and hides them. */
  async get(count: number, invisibleSeconds: number): Promise<readonly GotMessage[]> {
    const response = await this.#service.send({
      method: 'GET',
      path: this.#path,
      query: `numofmessages=${count}&visibilitytimeout=${invisibleSeconds}&${TIMEOUT}`,
      headers: HEADERS,
    });
    return required(response, (body) => elementsOf(body, 'QueueMessage').map(gotMessage));
  }

  /** Changes when the message becomes visible. @returns its new pop receipt. */
  async update(
    { messageId, popReceipt }: PutMessage,
    invisibleSeconds: number,
  ): Promise<string | undefined> {
    const { headers } = await this.#service.send({
      method: 'PUT',
      path: `${this.#path}/${encodeURIComponent(messageId)}`,
      query: `popreceipt=${encodeURIComponent(popReceipt)}&visibilitytimeout=${invisibleSeconds}&${TIMEOUT}`,
      headers: HEADERS,
    });
    return headers.get('x-ms-popreceipt');
  }

  async delete({ messageId, popReceipt }: PutMessage): Promise<void> {
    await this.#service.send({
      method: 'DELETE',
      path: `${this.#path}/${encodeURIComponent(messageId)}`,
      query: `popreceipt=${encodeURIComponent(popReceipt)}&${TIMEOUT}`,
      headers: HEADERS,
    });
  }
}

/** @param options of the queue service. */
export function queueService(options: ServiceOptions): ServiceRequests {
  return new ServiceRequests(options, refusal);
}

function putMessage(xml: string): PutMessage {
  return { messageId: elementOf(xml, 'MessageId'), popReceipt: elementOf(xml, 'PopReceipt') };
}

function gotMessage(xml: string): GotMessage {
  return {
    ...putMessage(xml),
    text: elementOf(xml, 'MessageText'),
    dequeueCount: Number(elementOf(xml, 'DequeueCount')),
    insertedAtMs: Date.parse(elementOf(xml, 'InsertionTime')),
  };
}

/** What an answer says. @throws {RestError} when something is missing in it. */
function required<Value>(response: PipelineResponse, read: (body: string) => Value): Value {
  try {
    return read(response.bodyAsText ?? '');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { request } = response;
    throw new RestError(error.message, { code: RestError.PARSE_ERROR, request, response });
  }
}

/** `<Error><Code>…</Code><Message>…</Message></Error>`, or nothing. */
function refusal(response: PipelineResponse): RestError {
  const { status, request, headers, bodyAsText } = response;
  const body = bodyAsText ?? '';
  const isTold = body.includes('<Code>') && body.includes('<Message>');
  const code = isTold ? elementOf(body, 'Code') : headers.get('x-ms-error-code');
  const message = isTold ? elementOf(body, 'Message') : body;
  const options = { statusCode: status, request, response };
  return new RestError(message, code === undefined ? options : { ...options, code });
}
