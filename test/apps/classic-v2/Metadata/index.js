module.exports = async (context) => ({
  instanceId: context.bindingData.instanceId,
  data: context.bindingData.data,
  item: context.bindingData.item,
  directory: context.executionContext.functionDirectory.split(/[\\/]/).pop(),
});
