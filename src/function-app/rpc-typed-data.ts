/**
 * The value form between host and programming model: the TypedData of the Functions RPC protocol, as `@azure/functions`
 * reads and writes it. Exactly one member is set; none means null.
 */
export interface RpcTypedData {
  readonly string?: string;
  /** JSON text. */
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly stream?: Uint8Array;
  readonly http?: RpcHttpData;
  readonly int?: number;
  readonly double?: number;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly collectionString?: { readonly string: readonly string[] };
  readonly collectionDouble?: { readonly double: readonly number[] };
  readonly collectionSint64?: { readonly sint64: readonly (number | string)[] };
}

export interface RpcNullable<T> {
  readonly value: T;
}

export interface RpcHttpCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: RpcNullable<string> | null;
  readonly path?: RpcNullable<string> | null;
  readonly expires?: { readonly value: { readonly seconds: number } } | null;
  readonly secure?: RpcNullable<boolean> | null;
  readonly httpOnly?: RpcNullable<boolean> | null;
  /** `none` means that the attribute is left out. */
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: RpcNullable<number> | null;
}

/** A request (`method`, `url`, `nullable…`) or a response (`statusCode`, `headers`, `cookies`). */
export interface RpcHttpData {
  readonly method?: string;
  readonly url?: string;
  /** Lower-case names; repeated headers joined by comma. */
  readonly nullableHeaders?: Readonly<Record<string, RpcNullable<string>>>;
  readonly nullableQuery?: Readonly<Record<string, RpcNullable<string>>>;
  readonly nullableParams?: Readonly<Record<string, RpcNullable<string>>>;
  readonly body?: RpcTypedData | null;
  readonly rawBody?: RpcTypedData | null;
  readonly identities?: readonly unknown[];
  /** null or absent: 200. */
  readonly statusCode?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly RpcHttpCookie[];
  readonly enableContentNegotiation?: boolean;
}

/** The data that a programming model answered, or undefined when it stands for nothing: models write null members too. */
export function presentData(data: unknown): RpcTypedData | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const isPresent = Object.values(data).some((member) => member !== undefined && member !== null);
  return isPresent ? data : undefined;
}

/**
 * An object of this process for a function that runs in it, methods and all: of all kinds of data, the programming models hand over
 * only lists of numbers as they are.
 */
export function liveData(value: object): RpcTypedData {
  return { collectionDouble: { double: value as readonly number[] } };
}

/** The plain value: strings stay text, json is parsed, bytes become a Buffer. undefined for no data, and for http. */
export function toValue(data: RpcTypedData | undefined): unknown {
  if (data === undefined) return undefined;
  if (typeof data.json === 'string') return JSON.parse(data.json) as unknown;
  const bytes = data.bytes ?? data.stream;
  if (bytes !== undefined) return Buffer.from(bytes);
  return (
    data.string ??
    data.int ??
    data.double ??
    data.collectionString?.string ??
    data.collectionDouble?.double ??
    data.collectionSint64?.sint64 ??
    data.collectionBytes?.bytes.map((item) => Buffer.from(item))
  );
}

/** The value as JSON text, null for no data. Bytes become base64, as Newtonsoft writes byte arrays. */
export function toJsonText(data: RpcTypedData | undefined): string | null {
  if (data === undefined) return null;
  if (typeof data.json === 'string') return data.json;
  const value = toValue(data);
  if (value === undefined || value === null) return null;
  return JSON.stringify(Buffer.isBuffer(value) ? value.toString('base64') : value);
}
