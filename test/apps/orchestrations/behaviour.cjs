// What orchestrators see of the engine: versions, parents, replays, statuses, and how they fail.
const seen = (process.seenByOrchestrators ??= new Map());

module.exports = (df) => {
  const note = (context, value) => {
    const values = seen.get(context.df.instanceId) ?? [];
    seen.set(context.df.instanceId, values);
    values.push(value);
  };

  const orchestrators = {
    *Versions(context) {
      const version = context.df.getInput();
      return [
        context.df.version,
        yield context.df.callSubOrchestrator('SaysVersion', 1, undefined, version ?? undefined),
      ];
    },
    *SaysVersion(context) {
      yield context.df.callActivity('Echo', 1);
      return context.df.version;
    },
    *VersionOverGenerations(context) {
      if (context.df.getInput() !== null) return context.df.version;
      yield context.df.callActivity('Echo', 1);
      context.df.continueAsNew(2);
    },
    *Parents(context) {
      const child = yield context.df.callSubOrchestrator('SaysParent', {});
      return [context.df.parentInstanceId ?? null, child];
    },
    *SaysParent(context) {
      yield context.df.callActivity('Echo', 1);
      return [context.df.parentInstanceId, context.df.instanceId];
    },
    *Stable(context) {
      const values = [];
      for (let i = 0; i < 3; i++) {
        const guid = context.df.newGuid(context.df.instanceId);
        values.push([guid, context.df.currentUtcDateTime.getTime()]);
        note(context, JSON.stringify([i, values[i]]));
        yield context.df.callActivity('Echo', i);
      }
      return values;
    },
    *Replaying(context) {
      for (let i = 0; i < 3; i++) {
        yield context.df.callActivity('Echo', i);
        note(context, [i, context.df.isReplaying]);
      }
    },
    *Status(context) {
      const { values } = context.df.getInput();
      for (const value of values) {
        context.df.setCustomStatus(value);
        yield context.df.waitForExternalEvent('Next');
      }
    },
    *Generations(context) {
      const { left, waits } = context.df.getInput();
      if (waits) yield context.df.waitForExternalEvent('Next');
      if (left === 0) return 'done';
      context.df.setCustomStatus({ left });
      // SDK 1.x wants it to be yielded.
      return context.df.continueAsNew({ left: left - 1, waits });
    },
    *StatusAtEnd(context) {
      context.df.setCustomStatus(context.df.getInput().value);
      yield context.df.callActivity('Echo', 1);
    },
    *LargeStatus(context) {
      context.df.setCustomStatus('x'.repeat(context.df.getInput().length));
      yield context.df.callActivity('Echo', 1);
    },
    *ManyActions(context) {
      for (let i = 0; i < 6; i++) yield context.df.callActivity('Echo', i);
    },
    *Changing(context) {
      const { first, second } = process.changingOrchestrator;
      if (first) yield context.df.callActivity(first, 1);
      yield context.df.waitForExternalEvent('Go');
      if (second) yield context.df.callActivity(second, 1);
    },
    NoGenerator(context) {
      return 'plain';
    },
    async AsyncFunction(context) {
      return await context.df.callActivity('Echo', 1);
    },
    *YieldsNumber() {
      return yield 5;
    },
    *YieldsPromise() {
      return yield Promise.resolve(1);
    },
    *YieldsSignal(context) {
      yield context.df.signalEntity(new df.EntityId('counter', 'k'), 'add', 1);
    },
    *CallsUnknownActivity(context) {
      yield context.df.callActivity('Nope', 1);
    },
    *CallsUnknownChild(context) {
      yield context.df.callSubOrchestrator('Nope', {});
    },
  };

  return {
    orchestrators,
    activities: { Echo: (input) => input, Other: (input) => input },
    entities: { counter: () => undefined },
  };
};
