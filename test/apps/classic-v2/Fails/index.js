module.exports = function (context, kind) {
  if (kind === 'throw') throw new Error('boom x');
  context.done(kind === 'text' ? 'just text' : new Error('boom done'));
};
