const { app } = require('@azure/functions');

app.get('FromCommonJs', () => ({ body: __filename.split(/[\\/]/).pop() }));
