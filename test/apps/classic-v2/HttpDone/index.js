module.exports = function (context, req) {
  context.res.status(202).set('x-b', 'c').json({ method: req.method });
};
