module.exports = function (context, timer) {
  context.log(`past due ${timer.isPastDue}`);
  context.done();
};
