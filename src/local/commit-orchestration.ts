/**
 * The commit of a work item, in one transaction: history, guarded by its token, Instances row, outbox, and what becomes of the
 * messages that were handled. All of it is on the disk, or nothing; only then anything is delivered.
 */
import { SessionLostError } from '../core/errors.ts';
import type {
  CommitReceipt,
  CommitRequest,
  HistoryToken,
  OrchestrationWorkItem,
} from '../engine/backend.ts';
import { eventTexts, findHead, writeHistory } from './histories.ts';
import { patchRow } from './instance-changes.ts';
import { findRow } from './instance-rows.ts';
import { handledAtOnce, type MailOffice } from './mail-office.ts';
import { nextVersion } from './versions.ts';

/** @throws {SessionLostError} somebody else wrote the history. */
export async function commitOrchestration(
  office: MailOffice,
  item: OrchestrationWorkItem,
  request: CommitRequest,
): Promise<CommitReceipt> {
  const { commit, runHere, deferred, wholeInstance } = request;
  const { instanceId, instance } = commit;
  const { mail } = office;
  const version = nextVersion();
  const texts = eventTexts(commit.newEvents);
  const post = mail.prepare(commit.outbox, { reserved: runHere });
  const handled = handledAtOnce(request);

  const put = await office.transact((tables) => {
    const head = findHead(tables, instanceId);
    if (head?.version !== request.token) throw new SessionLostError(instanceId);
    const row = instance && findRow(tables, instanceId);
    const patch =
      instance !== undefined && row === undefined && wholeInstance !== undefined
        ? wholeInstance()
        : instance;
    return () => {
      writeHistory(tables, { head, commit, texts, version });
      if (patch !== undefined) patchRow(tables, row, instanceId, patch);
      const change = mail.change(tables, { post, handled, deferred });
      return { mail: change, result: change.workItems };
    };
  });
  office.endItem(item, request);

  const activities = new Map(put.messages.map((stored) => [stored.message, stored]));
  return {
    token: version as HistoryToken,
    activities: runHere.flatMap(
      (message) => activities.get(message) ?? [],
    ) as CommitReceipt['activities'],
  };
}
