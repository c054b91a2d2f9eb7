/** What is in memory of many messages, and that each of them is delivered, once, in its order. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import type { HubDatabase } from '../../src/local/hub-database.ts';
import { HubMail } from '../../src/local/hub-mail.ts';
import { MailOffice } from '../../src/local/mail-office.ts';
import { eventRaised, id, start, timerFired } from '../contract/sample-messages.ts';
import { messageCount, openDatabase, removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { patient } from '../support/patience.ts';

const MAX_HELD = 100;
const HOUR_MS = 3_600_000;

let folder: string;
let database: HubDatabase;
let mail: HubMail;
let office: MailOffice;

beforeEach(async () => {
  folder = temporaryFolder();
  database = openDatabase(folder);
  await database.create();
  mail = newMail();
  office = officeOf(mail);
});

afterEach(async () => {
  mail.close();
  await database.close();
  removeFolder(folder);
});

function newMail(): HubMail {
  return new HubMail({
    database,
    clock: SYSTEM_CLOCK,
    redeliveryPauseMs: () => 5,
    epoch: () => 1,
    failed: (error) => {
      throw error;
    },
    maxHeld: MAX_HELD,
  });
}

function officeOf(of: HubMail): MailOffice {
  return new MailOffice({
    database,
    mail: of,
    failed: (error) => {
      throw error;
    },
  });
}

/** As another process does it. */
async function sendFromElsewhere(messages: readonly TaskMessage[]): Promise<void> {
  await officeOf(newMail()).send(messages);
}

async function drain(count: number): Promise<readonly string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const item = await mail.nextItem(AbortSignal.timeout(patient(20_000)));
    if (item === undefined) throw new Error(`Only ${seen.length} of ${count} messages came.`);
    expect(mail.heldCount).toBeLessThanOrEqual(MAX_HELD + 1);
    for (const { message } of item.messages) {
      seen.push(message.event.EventType === 'EventRaised' ? message.event.Name : '?');
    }
    await office.finish(item, { consumed: item.messages, deferred: [] });
  }
  return seen;
}

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `Event${n}`);
const timers = (count: number, dueMs: number): readonly TaskMessage[] =>
  Array.from({ length: count }, (_, n) => timerFired(start(id(`timer-${n}`)), 0, dueMs + n));

describe('messages of one instance, more than there is room for', () => {
  it.each([
    ['this process', () => office],
    ['another process', () => officeOf(newMail())],
  ])('come in their order when %s puts them while the hub is worked on', async (_, sender) => {
    mail.open();
    const all = names(1_500);
    const to = sender();

    const sending = (async () => {
      for (const name of all) await to.send([eventRaised(id('order-1'), name)]);
    })();
    const looks = setInterval(() => {
      mail.look();
    }, 5);
    const seen = await drain(all.length);
    clearInterval(looks);
    await sending;

    expect(seen).toEqual(all);
    expect(database.read(messageCount)).toBe(0);
  });

  it('come in their order when the host starts', async () => {
    const all = names(1_500);
    await sendFromElsewhere(all.map((name) => eventRaised(id('order-1'), name)));

    mail.open();

    expect(mail.heldCount).toBeLessThanOrEqual(MAX_HELD);
    expect(await drain(all.length)).toEqual(all);
  });

  it('come once when both put them at the same time', async () => {
    mail.open();
    const [ours, theirs] = [names(500), names(500).map((name) => `Other${name}`)];
    const elsewhere = officeOf(newMail());

    const sending = Promise.all([
      ...ours.map((name) => office.send([eventRaised(id('order-1'), name)])),
      ...theirs.map((name) => elsewhere.send([eventRaised(id('order-1'), name)])),
    ]);
    await sending;
    mail.look();
    const seen = await drain(1_000);

    expect(seen.filter((name) => name.startsWith('Event'))).toEqual(ours);
    expect(seen.filter((name) => name.startsWith('Other'))).toEqual(theirs);
  });
});

describe('timers that are due later', () => {
  it.each([
    ['set by this process', () => office.send(timers(3_000, Date.now() + HOUR_MS))],
    ['put by another process', () => sendFromElsewhere(timers(3_000, Date.now() + HOUR_MS))],
  ])('are not kept in memory when they are %s', async (_, put) => {
    mail.open();

    await put();
    mail.look();

    expect(mail.heldCount).toBe(0);
    expect(database.read(messageCount)).toBe(3_000);
  });

  it('are not read when the host starts', async () => {
    await sendFromElsewhere(timers(3_000, Date.now() + HOUR_MS));

    mail.open();

    expect(mail.heldCount).toBe(0);
  });

  it('fire, each once, though more are due soon than there is room for', async () => {
    const count = 4_500;
    await sendFromElsewhere(timers(count, Date.now() + 300));
    mail.open();
    const seen = new Set<string>();

    while (seen.size < count) {
      const item = await mail.nextItem(AbortSignal.timeout(patient(20_000)));
      if (item === undefined) throw new Error(`Only ${seen.size} timers fired.`);
      expect(item.messages).toHaveLength(1);
      expect(seen).not.toContain(item.instanceId);
      seen.add(item.instanceId);
      void office.finish(item, { consumed: item.messages, deferred: [] });
    }
  });
});
