// One orchestration that asks for everything once, and code of the user that begins spans of its own.
const { trace } = require('@opentelemetry/api');

const seen = (process.seenByTracedCode ??= new Map());
const span = (name) => trace.getTracer('user').startSpan(name).end();

module.exports = (df) => {
  const counter = (context) => new df.EntityId('counter', context.df.instanceId);
  const soon = (context) => new Date(context.df.currentUtcDateTime.getTime() + 5);
  const failing = function* (context) {
    yield context.df.callActivity('Fail', 1);
  };

  return {
    orchestrators: {
      *Order(context) {
        span('code of Order');
        yield context.df.callActivity('Ship', 1);
        yield context.df.callSubOrchestrator('Bill', 2);
        yield context.df.createTimer(soon(context));
        // Orchestrators of 1.x have no signals.
        context.df.signalEntity?.(counter(context), 'add', 1);
        return yield context.df.callEntity(counter(context), 'get');
      },
      *Bill(context) {
        yield context.df.callActivity('Ship', 2);
      },
      Failing: failing,
      *Generations(context) {
        yield context.df.callActivity('Ship', 1);
        const left = context.df.getInput();
        if (left > 1) context.df.continueAsNew(left - 1);
      },
      *Waiting(context) {
        span('code of Waiting');
        yield context.df.waitForExternalEvent('go');
        yield context.df.callActivity('Ship', 1);
      },
      *Asks(context) {
        yield context.df.callEntity(new df.EntityId('relay', context.df.instanceId), 'pass');
      },
    },
    activities: {
      Ship: (input) => {
        span('code of Ship');
        seen.set(`Ship ${input}`, trace.getActiveSpan()?.spanContext().traceId);
        return input;
      },
      Fail: () => {
        throw new Error('out of stock');
      },
    },
    entities: {
      counter(context) {
        span('code of counter');
        const state = context.df.getState(() => 0);
        if (context.df.operationName === 'add') context.df.setState(state + context.df.getInput());
        if (context.df.operationName === 'fail') throw new Error('cannot count');
        context.df.return(state);
      },
      relay(context) {
        context.df.signalEntity(new df.EntityId('counter', context.df.entityKey), 'add', 1);
        context.df.return(1);
      },
    },
  };
};
