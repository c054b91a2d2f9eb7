/**
 * A backend with some methods of its own: every other one is passed on by name, so that a method that the port gets does not
 * go missing here, and methods of a class keep their `this`.
 */
import type { TaskHubBackend } from '../../src/engine/backend.ts';

export function overriding(inner: TaskHubBackend, own: Partial<TaskHubBackend>): TaskHubBackend {
  const passedOn: TaskHubBackend = {
    limits: inner.limits,
    createHub: () => inner.createHub(),
    deleteHub: (how) => inner.deleteHub(how),
    hubExists: () => inner.hubExists(),
    listHubUsers: () => inner.listHubUsers(),
    readPartitionCount: () => inner.readPartitionCount(),
    readBacklog: () => inner.readBacklog(),
    peekMessages: (query) => inner.peekMessages(query),
    dropMessages: (queue, isMeant) => inner.dropMessages(queue, isMeant),
    readContents: () => inner.readContents(),
    listStrays: (writtenTo) => inner.listStrays(writtenTo),
    claimHub: () => inner.claimHub(),
    createInstance: (start, existing) => inner.createInstance(start, existing),
    sendMessage: (message) => inner.sendMessage(message),
    findInstance: (id, include) => inner.findInstance(id, include),
    listInstances: (query) => inner.listInstances(query),
    readHistory: (id, options) => inner.readHistory(id, options),
    purgeInstance: (id, record) => inner.purgeInstance(id, record),
    notePurge: (purge) => inner.notePurge(purge),
    forgetPurge: (purge) => inner.forgetPurge(purge),
    listPurges: () => inner.listPurges(),
    loadHistory: (id) => inner.loadHistory(id),
    rewriteHistory: (id, rewrite) => inner.rewriteHistory(id, rewrite),
    reviveInstance: (record, lastUpdated) => inner.reviveInstance(record, lastUpdated),
    repairInstance: (commit, etag) => inner.repairInstance(commit, etag),
    start: (app) => inner.start(app),
    stop: () => inner.stop(),
    outage: () => inner.outage(),
    ownedPartitions: () => inner.ownedPartitions(),
    leads: () => inner.leads(),
    otherApps: () => inner.otherApps(),
    runningElsewhere: (count) => inner.runningElsewhere(count),
    lookForOthers: () => inner.lookForOthers(),
    nextOrchestration: (signal) => inner.nextOrchestration(signal),
    isCurrent: (instanceId, token) => inner.isCurrent(instanceId, token),
    commitOrchestration: (item, request) => inner.commitOrchestration(item, request),
    settleOrchestration: (item, messages) => inner.settleOrchestration(item, messages),
    abandonOrchestration: (item, options) => inner.abandonOrchestration(item, options),
    nextActivity: (signal) => inner.nextActivity(signal),
    completeActivity: (item, response) => inner.completeActivity(item, response),
    abandonActivity: (item, options) => inner.abandonActivity(item, options),
    nextUnreadable: (signal) => inner.nextUnreadable(signal),
    abandonUnreadable: (message) => inner.abandonUnreadable(message),
    setAside: (messages, reason) => inner.setAside(messages, reason),
    listPoison: (query) => inner.listPoison(query),
    findPoison: (id) => inner.findPoison(id),
    replayPoison: (id) => inner.replayPoison(id),
    dropPoison: (id) => inner.dropPoison(id),
  };
  return { ...passedOn, ...own };
}
