// What `require('durable-functions-extension/testing')` gives. Jest has a `require` of its own, which knows neither ES modules nor
// the module '@azure/functions-core', that exists only inside the Functions worker: both are put right here.
const { createRequire } = process.getBuiltinModule('node:module');
const nodeRequire = createRequire(__filename);
const { functionsCore, testingWith, ...testing } = nodeRequire('./dist/testing/cjs.js');

if (typeof jest === 'object') {
  jest.mock('@azure/functions-core', functionsCore, { virtual: true });
  // Values that a test compares are made of the classes of its realm.
  module.exports = testingWith(JSON.parse);
} else {
  module.exports = testing;
}
