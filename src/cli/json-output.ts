/** What a command says, as one JSON object a line, beside the records of the log and like them: for `--json-logs`. */
import { createJsonSink } from '../telemetry/json-sink.ts';
import { text } from '../telemetry/log-events.ts';
import type { LogLevel } from '../telemetry/log.ts';
import { redactKeys } from '../telemetry/redact-keys.ts';
import type { Output } from './output.ts';

/** The output itself, unless its lines are to be JSON. */
export function outputFor({ jsonLogs }: { readonly jsonLogs: boolean }, output: Output): Output {
  return jsonLogs ? jsonOutput(output) : output;
}

function jsonOutput(output: Output): Output {
  const log = createJsonSink({
    isShown: () => true,
    writeLine: (line) => {
      output.line(redactKeys(line));
    },
  });
  const say = (level: LogLevel, said: string): void => {
    const message = said.trim();
    if (message !== '') text(log, level, 'Host.Startup', message);
  };
  return {
    colors: false,
    columns: undefined,
    screen: (lines) => {
      for (const each of lines) say('information', each);
    },
    line: (said = '') => {
      say('information', said);
    },
    write: (said) => {
      say('information', said);
      return Promise.resolve();
    },
    error: (said) => {
      say('error', said);
    },
    note: (said) => {
      say('warning', said);
    },
    progress: () => undefined,
    ask: undefined,
  };
}
