/**
 * The failure of an orchestration for people. What is stored has, behind the message, the exception of an activity as Newtonsoft writes
 * it, 2 kB in one line; of that, people need the place in their code, and what the error says of its causes.
 */

const DETAILS = /\s*\{"\$type":"System\.Exception[^]*$/;
/** Of a place; whoever wrote the text may have put anything into it. */
const MAX_PLACE_LENGTH = 500;
const TEXT = '("(?:[^"\\\\]|\\\\.)*")';
/** One for the error, and one for each of its causes, in their order. */
const THROWN = new RegExp(`"RemoteStackTrace":${TEXT},"RemoteMessage":${TEXT}`, 'g');

/**
 * The message; on lines of their own the first frame in the code of the app, and the messages of the causes, where those are known. Other
 * texts stay as they are.
 */
export function briefFailure(text: string): string {
  const [details] = DETAILS.exec(text) ?? [];
  if (details === undefined) return text;
  const [error, ...causes] = details.matchAll(THROWN);
  const frame = error && frameOf(textOf(error[1]));
  return [
    text.slice(0, -details.length),
    ...(frame === undefined ? [] : [frame]),
    ...causes.map((cause) => `    caused by: ${textOf(cause[2])}`),
  ].join('\n');
}

/**
 * The first frame in the code of the app, without its `at`: `charge (/app/charge.js:12:9)`. undefined where the text has no stack, or one
 * of libraries only.
 */
export function failurePlace(text: string): string | undefined {
  const [error] = text.matchAll(THROWN);
  const frame = frameOf(error === undefined ? text : textOf(error[1]));
  return frame?.replace(/^\s+at /, '').slice(0, MAX_PLACE_LENGTH);
}

/** What only looks like such an exception is not told of. */
function textOf(json = '""'): string {
  try {
    return JSON.parse(json) as string;
  } catch {
    return '';
  }
}

function frameOf(stack: string): string | undefined {
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .filter((line) => !/node_modules[\\/]|\(?node:|<anonymous>/.test(line));
  return frames[0];
}
