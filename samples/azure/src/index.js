// The other way to load the package: "main": "src/index.js" in package.json. It has to come before any file that registers functions.
require('durable-functions-extension/register');

require('./functions/hello-sequence.js');
require('./functions/http-start.js');
