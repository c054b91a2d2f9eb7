module.exports = async (context, input) => input;
