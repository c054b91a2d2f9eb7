// Values that are too long for a hub: of activities, orchestrators and entities, as results, inputs and states.
const text = (length) => 'x'.repeat(length);

module.exports = (df) => ({
  orchestrators: {
    *CatchesResult(context) {
      try {
        return (yield context.df.callActivity('Makes', context.df.getInput())).length;
      } catch (error) {
        return `caught: ${error.message}`;
      }
    },
    *CatchesFailure(context) {
      try {
        return yield context.df.callActivity('Throws', context.df.getInput());
      } catch (error) {
        return `caught: ${error.message}`.length < 50_000
          ? 'caught a short text'
          : 'caught a long one';
      }
    },
    *CatchesOutput(context) {
      try {
        return (yield context.df.callSubOrchestrator('Returns', context.df.getInput())).length;
      } catch (error) {
        return `caught: ${error.message}`;
      }
    },
    *Returns(context) {
      yield context.df.callActivity('Makes', 1);
      return text(context.df.getInput());
    },
    *ThrowsLong(context) {
      yield context.df.callActivity('Makes', 1);
      throw new Error(text(context.df.getInput()));
    },
    *HandsOn(context) {
      yield context.df.callActivity('Makes', 1);
      yield context.df.callActivity('Makes', text(context.df.getInput()));
    },
    *StartsChild(context) {
      yield context.df.callSubOrchestrator('Returns', text(context.df.getInput()));
    },
    *AsksEntity(context) {
      yield context.df.callEntity(
        new df.EntityId('Notes', 'k'),
        'keep',
        text(context.df.getInput()),
      );
    },
    *GoesOn(context) {
      if (String(context.df.getInput()).startsWith('x')) return 'went on';
      yield context.df.callActivity('Makes', 1);
      return context.df.continueAsNew(text(context.df.getInput()));
    },
    /** A state that grows too long is not taken; what came before and comes after is. */
    *GrowsEntity(context) {
      const notes = new df.EntityId('Notes', context.df.instanceId);
      yield context.df.callEntity(notes, 'grow', 10);
      const told = [];
      for (const operation of ['grow', 'show']) {
        try {
          yield context.df.callEntity(notes, operation, context.df.getInput());
        } catch (error) {
          told.push(error.message);
        }
      }
      return [told, yield context.df.callEntity(notes, 'length')];
    },
  },
  activities: {
    Makes: (length) => text(length),
    Throws: (length) => {
      throw new Error(text(length));
    },
  },
  entities: {
    Notes: (context) => {
      const notes = context.df.getState(() => '');
      const input = context.df.getInput();
      if (context.df.operationName === 'grow') context.df.setState(notes + text(input));
      if (context.df.operationName === 'show') context.df.return(text(input));
      if (context.df.operationName === 'length') context.df.return(notes.length);
    },
  },
});
