/** Who counts requests. A type that users see: it needs no types of the clients, which users do not have. */
import type { StorageKind } from './storage-health.ts';

/** Told of every request on its way out, retries included. `operation`: `put`, `get`, `batch`, … */
export type RequestListener = (kind: StorageKind, operation: string) => void;

/** Told what came of every request, retries included. @param status of HTTP; undefined when there was no answer. */
export type AnswerListener = (
  kind: StorageKind,
  operation: string,
  status: number | undefined,
) => void;
