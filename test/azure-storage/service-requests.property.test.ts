/** Requests that are made beside the official clients are, to the byte where it matters, those that the clients would have made. */
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  TableClient,
  type TableServiceClientOptions,
  type TransactionAction,
} from '@azure/data-tables';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TableRows, tableService } from '../../src/azure-storage/requests/table-rows.ts';
import type { ColumnValue, Row } from '../../src/azure-storage/tables/row.ts';
import {
  elementOf,
  elementsOf,
  escapeXmlText,
} from '../../src/azure-storage/requests/message-xml.ts';

const TABLE_URL = 'http://127.0.0.1:10002/devstoreaccount1';
const CREDENTIALS = {
  key: new AzureNamedKeyCredential('devstoreaccount1', Buffer.from('key').toString('base64')),
  signature: new AzureSASCredential('sv=2020-08-04&sp=raud&sig=a%2Bb%2Fc%3D'),
};
/** What says the same in other letters, or differs from request to request. */
const INCIDENTAL = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'user-agent',
  'x-ms-client-request-id',
  'x-ms-date',
]);

/** A table of the official client, and ours on its pipeline; both send to `sent`. */
function tables(credential: keyof typeof CREDENTIALS) {
  const sent: PipelineRequest[] = [];
  const record = (request: PipelineRequest): Promise<PipelineResponse> => {
    sent.push(request);
    const isBatch = request.url.includes('$batch');
    const count = (request.body as string).split('\r\n--changeset_').length - 2;
    const part = '--changesetresponse_1\r\n\r\nHTTP/1.1 204 No Content\r\nETag: "e"\r\n\r\n';
    return Promise.resolve({
      request,
      status: isBatch ? 202 : 204,
      headers: createHttpHeaders({ 'content-type': 'multipart/mixed; boundary=b' }),
      bodyAsText: isBatch ? `--b\r\n${part.repeat(count)}--changesetresponse_1--\r\n--b--` : '',
    });
  };
  const httpClient: HttpClient = { sendRequest: record };
  const policy = { name: 'record', sendRequest: record };
  const options: TableServiceClientOptions = { allowInsecureConnection: true, httpClient };
  // Two signatures of the constructor.
  const client =
    credential === 'key'
      ? new TableClient(TABLE_URL, 'Rows', CREDENTIALS.key, options)
      : new TableClient(TABLE_URL, 'Rows', CREDENTIALS.signature, options);
  const pipeline = client.pipeline.clone();
  pipeline.addPolicy(policy, { afterPhase: 'Sign', afterPolicies: ['logPolicy'] });
  const service = tableService({ url: TABLE_URL, pipeline, signature: undefined });
  return { sent, client, rows: new TableRows(service, 'Rows') };
}

/** What storage sees of a request. GUIDs of transactions differ. */
function seen({ method, url, headers, body }: PipelineRequest) {
  const guid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
  return {
    method,
    url: new URL(url).href,
    headers: [...headers]
      .map(([name, value]) => [name.toLowerCase(), value.replaceAll(guid, 'guid')] as const)
      .filter(([name]) => !INCIDENTAL.has(name) && name !== 'authorization')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    isSigned: headers.has('authorization'),
    body: (body as string | undefined)?.replaceAll(guid, 'guid'),
  };
}

const keys = fc.record({ partitionKey: fc.string({ unit: 'grapheme' }), rowKey: fc.string() });
const columns = fc.dictionary(
  fc.stringMatching(/^[A-Z_][A-Za-z0-9_]{0,8}$/),
  fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.record({
      type: fc.constantFrom('DateTime' as const, 'Int64' as const, 'Double' as const),
      value: fc.string(),
    }),
  ) as fc.Arbitrary<ColumnValue>,
);
const row = fc.tuple(keys, columns).map(([key, rest]): Row => ({ ...key, ...rest }));
const etag = fc.constantFrom('*', `W/"datetime'2026-11-29T17%3A00%3A00.0000000Z'"`);

describe.each(['key', 'signature'] as const)('with a %s, what is sent', (credential) => {
  const { sent, client, rows } = tables(credential);
  const pair = async (theirs: () => Promise<unknown>, ours: () => Promise<unknown>) => {
    sent.length = 0;
    await theirs();
    await ours();
    const [expected, actual] = sent.map(seen);
    expect(actual).toEqual(expected);
  };

  it('writes a row as the table client does', async () => {
    await fc.assert(
      fc.asyncProperty(row, etag, async (entity, tag) => {
        await pair(
          () => client.createEntity(entity),
          () => rows.insert(entity),
        );
        await pair(
          () => client.upsertEntity(entity, 'Merge'),
          () => rows.merge(entity),
        );
        const options = { etag: tag };
        await pair(
          () => client.updateEntity(entity, 'Merge', options),
          () => rows.merge(entity, tag),
        );
        await pair(
          () => client.updateEntity(entity, 'Replace', options),
          () => rows.replace(entity, tag),
        );
      }),
    );
  });

  it('writes several as the table client does', async () => {
    const action = fc
      .tuple(row, etag, fc.constantFrom('Merge' as const, 'Replace' as const))
      .chain(([entity, tag, mode]) =>
        fc.constantFrom<TransactionAction>(
          ['create', entity],
          ['upsert', entity, mode],
          ['update', entity, mode, { etag: tag }],
          ['delete', { partitionKey: entity.partitionKey, rowKey: entity.rowKey }],
        ),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 5 }), async (actions) => {
        const partitionKey = actions[0]?.[1].partitionKey ?? '';
        const ofOne = actions.map(
          ([kind, entity, ...rest]) => [kind, { ...entity, partitionKey }, ...rest] as never,
        );
        await pair(
          () => client.submitTransaction(ofOne),
          () => rows.submit(ofOne),
        );
      }),
    );
  });
});

describe('texts in XML', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, other) => {
        const element = (content: string) => `<A><Text>${escapeXmlText(content)}</Text></A>`;
        const xml = `<List>${element(text)}${element(other)}<A><Text/></A></List>`;

        expect(elementsOf(xml, 'A').map((a) => elementOf(a, 'Text'))).toEqual([text, other, '']);
      }),
    );
  });

  it('are read with every escape that XML has, once', () => {
    const text = elementOf('<T>&lt;&#65;&#x1F600;&amp;lt;&quot;&apos;&gt;&unknown;\r\n</T>', 'T');

    expect(text).toBe('<A\u{1f600}&lt;"\'>&unknown;\n');
  });

  it('must be there', () => {
    expect(() => elementOf('<A></A>', 'B')).toThrow(SyntaxError);
    expect(() => elementsOf('<A><B>', 'B')).toThrow(SyntaxError);
    expect(elementsOf('<List />', 'B')).toEqual([]);
  });
});
