/**
 * The value and the metadata of a blob trigger, in the names of .NET: the content as a Buffer, or as text when `dataType` says
 * `string`. Mirrors BlobTriggerBinding.CreateBindingData.
 */
import type { BlobDownloadResponseParsed } from '@azure/storage-blob';
import type { InvocationRequest } from '../../function-app/function-app.ts';
import type { LoadedFunction } from '../../function-app/function-declaration.ts';
import type { RpcTypedData } from '../../function-app/rpc-typed-data.ts';

export interface TriggeringBlob {
  readonly container: string;
  readonly name: string;
  /** Without a signature. */
  readonly url: string;
  readonly content: Buffer;
  readonly properties: Omit<BlobDownloadResponseParsed, 'readableStreamBody'>;
  /** What the expressions of the path stand for. */
  readonly parts: Readonly<Record<string, string>>;
}

export function blobRequest(fn: LoadedFunction, blob: TriggeringBlob): InvocationRequest {
  const { container, name, url, content, properties, parts } = blob;
  const isText = fn.trigger.dataType?.toLowerCase() === 'string';
  return {
    triggerData: isText ? { string: content.toString('utf8') } : { bytes: content },
    triggerMetadata: {
      BlobTrigger: { string: `${container}/${name}` },
      Uri: { json: JSON.stringify(url) },
      Properties: { json: JSON.stringify(propertiesOf(properties)) },
      Metadata: { json: JSON.stringify(properties.metadata ?? {}) },
      ...Object.fromEntries(
        Object.entries(parts).map(([part, value]): [string, RpcTypedData] => [
          part,
          { string: value },
        ]),
      ),
    },
  };
}

/** As .NET spells them. */
function propertiesOf(properties: TriggeringBlob['properties']): object {
  return {
    LastModified: dateOf(properties.lastModified),
    CreatedOn: dateOf(properties.createdOn),
    Metadata: properties.metadata ?? {},
    BlobType: properties.blobType?.replace(/Blob$/, ''),
    ContentLength: properties.contentLength,
    ContentType: properties.contentType,
    ETag: properties.etag,
    ContentHash: properties.contentMD5 && Buffer.from(properties.contentMD5).toString('base64'),
    ContentEncoding: properties.contentEncoding,
    ContentDisposition: properties.contentDisposition,
    ContentLanguage: properties.contentLanguage,
    CacheControl: properties.cacheControl,
  };
}

/** As Newtonsoft writes a DateTimeOffset of whole seconds. */
function dateOf(date: Date | undefined): string | undefined {
  return date?.toISOString().replace(/\.\d+Z$/, '+00:00');
}
