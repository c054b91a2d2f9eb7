/**
 * The body of an entity group transaction, and of its answer: requests and answers within a request and an answer. Written line
 * by line as @azure/data-tables does: emulators read it in their own ways.
 */
import { randomUUID } from 'node:crypto';
import type { TransactionAction } from '@azure/data-tables';
import type { Row } from '../tables/row.ts';
import { rowPath, rowText, type RowKeys } from './row-text.ts';

const LINE_END = '\r\n';
const WRITE_HEADERS = [
  'Content-Type: application/json',
  'DataServiceVersion: 3.0',
  'Accept: application/json',
];
const INSERT_HEADERS = [
  'Content-Type: application/json;odata=nometadata',
  'Accept: application/json;odata=minimalmetadata',
  'DataServiceVersion: 3.0',
  'Prefer: return-no-content',
];
const DELETE_HEADERS = [
  'Accept: application/json;odata=minimalmetadata',
  'DataServiceVersion: 3.0',
];

/** What the table client has, and deletes of a row that is meant as it was read. */
export type RowAction = TransactionAction | readonly ['delete', RowKeys, { readonly etag: string }];

/** @param boundary without dots: Azurite would run the first operation only, and answer 202. */
export function transactionText(
  actions: readonly RowAction[],
  { tableUrl, boundary }: { readonly tableUrl: string; readonly boundary: string },
): string {
  const changeset = `changeset_${randomUUID()}`;
  return [
    `--${boundary}`,
    `content-type: multipart/mixed; boundary=${changeset}`,
    '',
    '',
    ...actions.flatMap((action) => [
      `--${changeset}`,
      'content-type: application/http',
      'content-transfer-encoding: binary',
      '',
      ...operationLines(action, tableUrl),
    ]),
    `--${changeset}--`,
    `--${boundary}--`,
    '',
  ].join(LINE_END);
}

function operationLines(action: RowAction, tableUrl: string): readonly string[] {
  const row = action[1] as Row;
  switch (action[0]) {
    case 'create':
      return [`POST ${tableUrl} HTTP/1.1`, ...INSERT_HEADERS, '', '', rowText(row)];
    case 'delete':
      return [
        `DELETE ${urlOf(row, tableUrl)} HTTP/1.1`,
        ...DELETE_HEADERS,
        `If-Match: ${action.length === 3 ? action[2].etag : '*'}`,
        '',
        '',
      ];
    case 'update':
    case 'upsert': {
      const method = action[2] === 'Replace' ? 'PUT' : 'PATCH';
      const etag = action[0] === 'update' ? (action[3]?.etag ?? '*') : undefined;
      return [
        `${method} ${urlOf(row, tableUrl)} HTTP/1.1`,
        ...WRITE_HEADERS,
        ...(etag === undefined ? [] : [`If-Match: ${etag}`]),
        '',
        '',
        rowText(row),
      ];
    }
  }
}

function urlOf(keys: RowKeys, tableUrl: string): string {
  return tableUrl + rowPath(keys);
}

export interface TransactionPart {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: string;
}

/** The answers to the operations. One only, when an operation failed: its error. */
export function transactionParts(answer: string): readonly TransactionPart[] {
  return answer
    .split('--changesetresponse_')
    .slice(1, -1)
    .map((part) => ({
      status: Number(/HTTP\/1\.1 (\d+)/.exec(part)?.[1]),
      etag: /^ETag: (.*)$/im.exec(part)?.[1]?.trim(),
      body: /^\{.*\}\s*$/m.exec(part)?.[0] ?? '',
    }));
}
