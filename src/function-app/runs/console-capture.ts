/**
 * Lines that user code writes with `console` become log records of the function whose run wrote them, as the Functions host
 * does with its worker's output. Code outside of runs (the host itself) keeps the console as it is.
 */
import { format } from 'node:util';
import type { LogLevel } from '../../telemetry/log.ts';
import { currentScope, type FunctionRunScope } from './function-run.ts';

const LEVELS = {
  log: 'information',
  info: 'information',
  // Shown by the .NET host, which knows only the stream that a line came from.
  debug: 'information',
  warn: 'warning',
  error: 'error',
} as const satisfies Partial<Record<keyof Console, LogLevel>>;

type Method = keyof typeof LEVELS;

/** @returns gives the console back. */
export function captureConsole(
  write: (scope: FunctionRunScope, level: LogLevel, line: string) => void,
): () => void {
  const target: Record<Method, (...args: unknown[]) => void> = globalThis.console;
  // A sink that shows records on the console must not be caught by its own lines.
  let isWriting = false;
  const restores = (Object.keys(LEVELS) as Method[]).map((method) => {
    const original = target[method];
    let isActive = true;
    const captured = (...args: unknown[]): void => {
      const scope = isActive && !isWriting ? currentScope() : undefined;
      if (scope === undefined) {
        original.apply(target, args);
        return;
      }
      isWriting = true;
      try {
        write(scope, LEVELS[method], format(...args));
      } finally {
        isWriting = false;
      }
    };
    target[method] = captured;
    return () => {
      isActive = false;
      if (target[method] === captured) target[method] = original;
    };
  });
  return () => {
    for (const restore of restores) restore();
  };
}
