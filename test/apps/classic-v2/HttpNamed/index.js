module.exports = async () => ({ answer: { body: 'named' }, out: ['a', 'b'] });
