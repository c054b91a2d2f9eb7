// Orchestrators that do what orchestrators must not do.
const { randomUUID, randomBytes } = require('node:crypto');
const { setTimeout: later } = require('node:timers');

const USES = {
  'Date.now()': () => Date.now(),
  'new Date()': () => new Date(),
  'Date()': () => Date(),
  'performance.now()': () => performance.now(),
  'process.hrtime()': () => process.hrtime(),
  'process.hrtime.bigint()': () => process.hrtime.bigint(),
  'Math.random()': () => Math.random(),
  'crypto.randomUUID()': () => randomUUID(),
  'crypto.randomBytes()': () => randomBytes(4),
  'crypto.getRandomValues()': () => globalThis.crypto.getRandomValues(new Uint8Array(4)),
  'setTimeout()': () => clearTimeout(later(() => undefined, 1)),
  'setInterval()': () => clearInterval(setInterval(() => undefined, 1000)),
  'setImmediate()': () => clearImmediate(setImmediate(() => undefined)),
};

function* delegated() {
  return Math.random() < 2;
}

module.exports = (df) => ({
  orchestrators: {
    *Uses(context) {
      const api = String(context.df.getInput()).replaceAll('"', '');
      USES[api]();
      return yield context.df.callActivity('Echo', 'done');
    },
    *UsesInHelper(context) {
      yield context.df.callActivity('Echo', 1);
      return yield* delegated(context);
    },
    *Catches(context) {
      let caught = 'nothing';
      try {
        Date.now();
      } catch (error) {
        caught = error.name;
      }
      yield context.df.callActivity('Echo', 1);
      return caught;
    },
    *Allowed(context) {
      const clock = context.df.currentUtcDateTime;
      const soon = new Date(clock.getTime() + 1);
      const isDate = soon instanceof Date && clock instanceof Date;
      const isSame =
        soon.constructor === Date &&
        Date.UTC(2000, 0) > 0 &&
        Date.prototype === soon.constructor.prototype;
      context.log?.('logs');
      console.log('logs too');
      yield context.df.createTimer(soon);
      yield context.df.callActivity('Echo', context.df.newGuid('x'));
      return [isDate, isSame, typeof Date.parse('2000-01-01')];
    },
    *ThroughPackage(context) {
      const { v4 } = require('uuid');
      v4();
      return yield context.df.callActivity('Echo', 'done');
    },
    async AsyncFunction(context) {
      await context.df.callActivity('Echo', 1);
      return 'never';
    },
    AsyncGenerator: async function* (context) {
      yield context.df.callActivity('Echo', 1);
    },
    PlainFunction: () => 'never',
    PlainFunctionOfNothing: () => undefined,
    PlainFunctionThatThrows: () => {
      throw new Error('thrown plainly');
    },
    *YieldsPromise(context) {
      yield context.df.callActivity('Echo', 1);
      yield Promise.resolve(1);
      return 'never';
    },
    *YieldsValue() {
      return yield 5;
    },
    *ReturnsTask(context) {
      yield context.df.callActivity('Echo', 1);
      return context.df.callActivity('Echo', 2);
    },
    *ReturnsTasks(context) {
      return ['a', 'b'].map((input) => context.df.callActivity('Echo', input));
    },
    *ReturnsPromise() {
      return Promise.resolve('lost');
    },
    *ReturnsFunction(context) {
      return context.df.callActivity;
    },
    *ForgetsYields(context) {
      context.df.callActivity('Echo', 1);
      context.df.callActivityWithRetry('Echo', new df.RetryOptions(1, 2), 1);
      context.df.callSubOrchestrator('YieldsValue');
      context.df.callEntity(new df.EntityId('Register', 'k'), 'add');
      yield context.df.callActivity('Echo', 2);
      return 'done';
    },
    /** Each task is yielded sooner or later, and signals need no yield. */
    *YieldsLater(context) {
      const first = context.df.callActivity('Echo', 1);
      const second = context.df.callActivityWithRetry('Echo', new df.RetryOptions(1, 2), 2);
      const third = context.df.callSubOrchestrator('Allowed');
      if (context.df.signalEntity) {
        context.df.signalEntity(new df.EntityId('Register', 'k'), 'add');
      }
      yield context.df.callActivity('Echo', 3);
      yield context.df.Task.any([context.df.callActivity('Echo', 4), first]);
      yield context.df.Task.all([second, third]);
      return [null, { nested: { far: 1 } }, 'text'];
    },
    *HasItsOwnBug(context) {
      const gen = {};
      yield context.df.callActivity('Echo', 1);
      gen.next();
    },
  },
  activities: { Echo: (input) => input },
  entities: { Register: (context) => context.df.setState(1) },
});
