// Fan-outs that tell when their activities run, for tests of limits and of crashes.
const { appendFileSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');

let running = 0;
let peak = 0;

module.exports = () => {
  const squares = (context, count, of) =>
    context.df.Task.all(Array.from({ length: count }, (_, n) => context.df.callActivity(of, n)));

  return {
    orchestrators: {
      *Squares(context) {
        return yield squares(context, context.df.getInput(), 'Square');
      },
      // The second fan-out takes what the first one gave.
      *Twice(context) {
        const first = yield squares(context, context.df.getInput(), 'Square');
        return yield context.df.Task.all(first.map((n) => context.df.callActivity('Square', n)));
      },
      *Peak(context) {
        peak = 0;
        const peaks = yield squares(context, context.df.getInput(), 'Overlaps');
        return Math.max(...peaks);
      },
      *Notes(context) {
        return yield squares(context, 50, 'Note');
      },
    },
    activities: {
      Square: (n) => n * n,
      Overlaps: async () => {
        peak = Math.max(peak, ++running);
        await pause(5);
        running--;
        return peak;
      },
      // Writes a line each time it begins. From HANGS_FROM on it never ends.
      Note: async (n) => {
        appendFileSync(process.env.FAN_OUT_JOURNAL, `${n}\n`);
        if (n >= Number(process.env.HANGS_FROM)) await new Promise(() => undefined);
        return n * n;
      },
    },
  };
};
