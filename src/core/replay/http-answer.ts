/** The stored answer of a durable HTTP request, as far as polling needs it. */
import { isRecord, parseRecord } from '../../base/json.ts';

export interface HttpAnswer {
  readonly statusCode: number;
  /** The first value of a header, whatever its case. */
  header(name: string): string | undefined;
}

/** undefined for a result that is no HTTP answer. @param result JSON text. */
export function readHttpAnswer(result: string | null): HttpAnswer | undefined {
  const value = result === null ? undefined : parseRecord(result);
  if (value === undefined || typeof value['statusCode'] !== 'number') return undefined;
  const headers = isRecord(value['headers']) ? value['headers'] : {};
  return {
    statusCode: value['statusCode'],
    header(name) {
      const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
      const first: unknown = Array.isArray(entry?.[1]) ? entry[1][0] : entry?.[1];
      return typeof first === 'string' ? first : undefined;
    },
  };
}
