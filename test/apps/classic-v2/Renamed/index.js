module.exports = async () => 'renamed';
