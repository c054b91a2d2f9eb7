/** Writes rows of one table: one by one, or several of a partition in one transaction. */
import { randomUUID } from 'node:crypto';
import { type PipelineResponse, RestError } from '@azure/core-rest-pipeline';
import type { Row } from '../tables/row.ts';
import { rowPath, rowText } from './row-text.ts';
import { type ServiceOptions, ServiceRequests } from './service-requests.ts';
import {
  type RowAction,
  transactionParts,
  transactionText,
  type TransactionPart,
} from './transaction-text.ts';

/** `x-ms-version` of tables: the one that the table client names. */
const SERVICE_VERSION = '2019-02-02';
const WRITE_HEADERS = {
  'Content-Type': 'application/json',
  Accept: 'application/json',
  'x-ms-version': SERVICE_VERSION,
  DataServiceVersion: '3.0',
};
const INSERT_HEADERS = {
  ...WRITE_HEADERS,
  'Content-Type': 'application/json;odata=nometadata',
  Accept: 'application/json;odata=minimalmetadata',
  Prefer: 'return-no-content',
};

export interface TransactionResult {
  /** ETag of the last operation's entity, as storage answered it. */
  readonly lastEtag: string | undefined;
  /** Of all entities, in the order of the operations. */
  readonly etags: readonly (string | undefined)[];
}

export class TableRows {
  readonly #service: ServiceRequests;
  readonly #path: string;

  constructor(service: ServiceRequests, tableName: string) {
    this.#service = service;
    this.#path = `/${encodeURIComponent(tableName)}`;
  }

  /** @throws {RestError} with status 409 when there is such a row. */
  async insert(row: Row): Promise<void> {
    const body = rowText(row);
    await this.#service.send({ method: 'POST', path: this.#path, headers: INSERT_HEADERS, body });
  }

  /**
   * Changes the columns that are given. @param etag of the row that is meant, `*` for any; undefined to begin one that is not there.
   * @throws {RestError} with status 404 or 412 when it is another.
   */
  merge(row: Row, etag?: string): Promise<void> {
    return this.#write('PATCH', row, etag);
  }

  /** Puts the row in the place of another. See `merge`. */
  replace(row: Row, etag?: string): Promise<void> {
    return this.#write('PUT', row, etag);
  }

  /**
   * One entity group transaction: all operations or none. Storage answers 202 also when an operation failed, and some emulators
   * when they ran only the first: every part of the answer is checked.
   * @throws {RestError} with the status of the operation that failed; nothing was written then.
   */
  async submit(
    actions: readonly RowAction[],
    { abortSignal }: { readonly abortSignal?: AbortSignal } = {},
  ): Promise<TransactionResult> {
    const boundary = `batch_${randomUUID()}`;
    const response = await this.#service.send({
      method: 'POST',
      path: '/$batch',
      headers: {
        accept: 'application/json',
        'x-ms-version': SERVICE_VERSION,
        DataServiceVersion: '3.0;',
        MaxDataServiceVersion: '3.0;NetFx',
        'Content-Type': `multipart/mixed; boundary=${boundary}`,
        'Accept-Charset': 'UTF-8',
      },
      body: transactionText(actions, { tableUrl: this.#service.url + this.#path, boundary }),
      abortSignal,
    });
    const parts = transactionParts(response.bodyAsText ?? '');
    const failed = parts.find(({ status }) => !(status < 300));
    if (failed !== undefined) throw refusal(response, failed);
    if (parts.length !== actions.length) {
      throw new RestError(
        `The transaction has ${actions.length} operations, but storage answered ${parts.length}`,
        { code: 'INCOMPLETE_TRANSACTION', request: response.request, response },
      );
    }
    const etags = parts.map(({ etag }) => etag);
    return { lastEtag: etags.at(-1), etags };
  }

  async #write(method: 'PATCH' | 'PUT', row: Row, etag: string | undefined): Promise<void> {
    const headers = etag === undefined ? WRITE_HEADERS : { ...WRITE_HEADERS, 'If-Match': etag };
    const body = rowText(row);
    await this.#service.send({ method, path: this.#path + rowPath(row), headers, body });
  }
}

/** @param options of the table service. */
export function tableService(options: ServiceOptions): ServiceRequests {
  return new ServiceRequests(options, (response) =>
    refusal(response, { status: response.status, body: response.bodyAsText ?? '' }),
  );
}

/** The service tells code and message in the body: `{"odata.error":{"code":…,"message":{"value":…}}}`. */
function refusal(
  response: PipelineResponse,
  { status, body }: Pick<TransactionPart, 'status' | 'body'>,
): RestError {
  const { request } = response;
  const odataError = errorIn(body);
  const error = new RestError(odataError?.message?.value ?? body, {
    statusCode: status,
    request,
    response,
    ...(odataError?.code !== undefined && { code: odataError.code }),
  });
  error.details = { odataError };
  return error;
}

interface ODataError {
  readonly code?: string;
  readonly message?: { readonly value?: string };
}

/** undefined when it is not the service that has answered. */
function errorIn(body: string): ODataError | undefined {
  try {
    return (JSON.parse(body) as Partial<Record<'odata.error', ODataError>> | null)?.['odata.error'];
  } catch {
    return undefined;
  }
}
