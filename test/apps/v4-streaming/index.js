const { app } = require('@azure/functions');

app.setup({ enableHttpStream: true, capabilities: { Extra: 1 } });
app.get('Ping', () => ({ body: 'pong' }));
