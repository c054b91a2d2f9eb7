// Errors on their way: from an activity through its orchestration and its parents.
class OrderError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'OrderError';
  }
}

module.exports = (df) => {
  // 3.5 only: errors that have an order get details.
  df.app?.setExceptionPropertiesProvider?.({
    getExceptionProperties: (error) =>
      error.name === 'OrderError' && error.message.startsWith('detailed')
        ? { orderId: 5 }
        : undefined,
  });
  return {
    orchestrators: {
      *Calls(context) {
        return yield context.df.callActivity('Fails', context.df.getInput());
      },
      *CallsChild(context) {
        return yield context.df.callSubOrchestrator('Calls', context.df.getInput());
      },
      *CallsGrandchild(context) {
        return yield context.df.callSubOrchestrator('CallsChild', context.df.getInput());
      },
      *Catches(context) {
        try {
          yield context.df.callActivity('Fails', 'caught');
        } catch (error) {
          return { isError: error instanceof Error, message: error.message };
        }
      },
      *CatchesDetails(context) {
        const seen = [];
        for (const [kind, name] of [
          ['callActivity', 'Fails'],
          ['callSubOrchestrator', 'Calls'],
        ]) {
          try {
            yield context.df[kind](name, 'detailed');
          } catch (error) {
            const { failureDetails = {} } = error;
            const { stackTrace, innerFailure, ...rest } = failureDetails;
            seen.push({
              name: error.name,
              message: error.message,
              taskName: error.taskName,
              details: rest,
              inner: innerFailure?.errorType,
              isCausedBy: failureDetails.isCausedBy?.('RangeError'),
              hasStack: /failures\.cjs/.test(stackTrace),
            });
          }
        }
        return seen;
      },
    },
    activities: {
      Fails: (message) => {
        throw new OrderError(String(message).replace(/["\\]/g, ''), {
          cause: new RangeError('out of stock'),
        });
      },
    },
  };
};
