module.exports = async function (context) {
  return context.bindings.item;
};
