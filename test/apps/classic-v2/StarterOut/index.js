module.exports = async function (context, item) {
  context.bindings.starter = item;
};
