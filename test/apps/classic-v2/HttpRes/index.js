module.exports = async function (context, req) {
  context.log.warn('careful');
  context.res = {
    status: 201,
    headers: { 'x-a': 1 },
    body: { name: req.params.name, x: req.query.x, raw: req.rawBody, body: req.body },
  };
};
