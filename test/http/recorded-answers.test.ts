import { describe, expect, it } from 'vitest';
import { checkMayStart } from '../../src/engine/function-directory.ts';
import {
  managementApp,
  memoryHub,
  putInstance,
  putStored,
  readGolden,
  type Exchange,
  type StoredInstance,
} from './recorded-hub.ts';

/** Texts that only the original can say: those of its JSON parser. */
const OWN_WORDS = new Set(['start-bad-json', 'start-text-plain', 'raise-event-bad-json']);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

async function answerOf(
  app: ReturnType<typeof managementApp>,
  { request, response }: Exchange,
): Promise<Answer> {
  const { method, headers, body } = request;
  const answer = await app.request(request.url, { method, headers: { ...headers }, body });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => name !== 'content-length')),
    body: text === '' ? (response.body === '' ? '' : null) : (JSON.parse(text) as unknown),
  };
}

const WRONG_HUB = 'wrong-hub';

describe('recorded reads over the recorded hub', () => {
  const { client, store } = memoryHub();
  for (const stored of readGolden('hub.json') as StoredInstance[]) putStored(store, stored);
  const app = managementApp(client);

  const reads = readGolden('reads.json') as Exchange[];

  it.each(reads.filter(({ label }) => label !== WRONG_HUB))(
    '$label is answered as recorded',
    async (read) => {
      const answer = await answerOf(app, read);

      expect(answer).toEqual(read.response);
      expect(Object.keys(answer.body ?? {})).toEqual(Object.keys(read.response.body ?? {}));
    },
  );

  it.each(reads.filter(({ label }) => label === WRONG_HUB))(
    '$label is answered with the recorded status, and with the reason, which was not there',
    async (read) => {
      const { status, body } = await answerOf(app, read);

      expect(status).toBe(read.response.status);
      expect(body).toMatchObject({
        Message: expect.stringContaining("Unknown task hub 'OtherHub'") as string,
      });
    },
  );
});

describe('recorded steps', () => {
  it.each(readGolden('steps.json') as Exchange[])(
    '$label is answered as recorded',
    async (step) => {
      const { client, store } = memoryHub('GoldenB', { purgeIgnoresOpenStatuses: true });
      for (const [id, status] of Object.entries(step.given ?? {})) putInstance(store, id, status);

      const answer = withRecordedId(await answerOf(managementApp(client), step), step);

      const words = OWN_WORDS.has(step.label)
        ? { ExceptionMessage: expect.any(String) as string }
        : {};
      const { body } = step.response;
      const expected = typeof body === 'object' && body !== null ? { ...body, ...words } : body;
      expect(answer).toEqual({ ...step.response, body: expected });
    },
  );
});

/** As the app of the recordings had them. */
const FUNCTIONS = {
  orchestrators:
    'VersionOrch TimerOrch EventThenEntity ParentOrch CatchOrch ParentAutoId VersionParent HalfChain FanOut FailOnceParent RetryOrch EventOrch Chain DisabledOrch SlowChild Failing SignalOrch ThrowingOrch HelloSequence SlowParent WaitThenDisabled EntityOrch CanOrch TimeoutOrch HttpOrch'.split(
      ' ',
    ),
  activities: [],
  entities: [],
  disabled: { orchestrators: ['DisabledOrch'], activities: [], entities: [] },
};

describe('recorded restarts, and starts of a disabled orchestrator', () => {
  it.each(readGolden('restarts.json') as Exchange[])(
    '$label is answered as recorded',
    async (step) => {
      const { client, store } = memoryHub('GoldenR3');
      for (const [id, status] of Object.entries(step.given ?? {})) {
        putInstance(store, id, status, { name: id === 'dis-1' ? 'DisabledOrch' : 'EventOrch' });
      }
      const app = managementApp(client, {
        checkOrchestrator: (name) => {
          checkMayStart(FUNCTIONS, name);
        },
      });

      expect(withRecordedId(await answerOf(app, step), step)).toEqual(step.response);
    },
  );
});

/** A random id, and where it appears, becomes the one that was drawn at the recording. */
function withRecordedId(answer: Answer, { response }: Exchange): Answer {
  const ours = (answer.body as { id?: string } | null)?.id;
  const recorded = (response.body as { id?: string } | null)?.id;
  if (ours === undefined || recorded === undefined) return answer;
  expect(ours).toMatch(ours === recorded ? /./ : /^[0-9a-f]{32}$/);
  return JSON.parse(JSON.stringify(answer).replaceAll(ours, recorded)) as Answer;
}
