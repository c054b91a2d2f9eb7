module.exports = async () => ({ statusCode: 203, body: 'returned' });
