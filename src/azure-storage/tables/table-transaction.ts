/**
 * One entity group transaction: all operations or none. Storage answers 202 also when an operation failed, and some emulators
 * when they ran only the first: every part of the answer is checked.
 */
import { RestError, type TableClient, type TransactionAction } from '@azure/data-tables';

interface TransactionOptions {
  readonly abortSignal?: AbortSignal;
}

export interface TransactionResult {
  /** ETag of the last operation's entity, as storage answered it. */
  readonly lastEtag: string | undefined;
  /** Of all entities, in the order of the operations. */
  readonly etags: readonly (string | undefined)[];
}

/** @throws {RestError} with the status of the operation that failed; nothing was written then. */
export async function submitTransaction(
  table: TableClient,
  actions: TransactionAction[],
  options: TransactionOptions = {},
): Promise<TransactionResult> {
  const parts = await subResponses(table, actions, options);
  const failed = parts.find(({ status }) => status >= 300);
  if (failed !== undefined) {
    throw new RestError(`An operation of the transaction was answered with ${failed.status}`, {
      statusCode: failed.status,
    });
  }
  if (parts.length !== actions.length) {
    throw new RestError(
      `The transaction has ${actions.length} operations, but storage answered ${parts.length}`,
      { code: 'INCOMPLETE_TRANSACTION' },
    );
  }
  const etags = parts.map(({ etag }) => etag);
  return { lastEtag: etags.at(-1), etags };
}

interface SubResponse {
  readonly status: number;
  readonly etag?: string;
}

async function subResponses(
  table: TableClient,
  actions: TransactionAction[],
  options: TransactionOptions,
): Promise<readonly SubResponse[]> {
  try {
    return (await table.submitTransaction(actions, options)).subResponses;
  } catch (error) {
    // The client takes `{…}` anywhere in a part of the answer for an error, a key in a Location header included.
    const answer =
      error instanceof RestError && isSuccess(error.statusCode) ? bodyOf(error) : undefined;
    if (answer === undefined) throw error;
    return parseParts(answer);
  }
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

function bodyOf({ response }: RestError): string | undefined {
  return response?.bodyAsText ?? undefined;
}

function parseParts(answer: string): readonly SubResponse[] {
  return answer
    .split('--changesetresponse_')
    .slice(1, -1)
    .map((part) => {
      const status = /HTTP\/1\.1 (\d+)/.exec(part)?.[1];
      const etag = /^ETag: (.*)$/im.exec(part)?.[1]?.trim();
      return { status: Number(status), ...(etag === undefined ? {} : { etag }) };
    });
}
