/**
 * Loaded into Azurite before it starts. What it answers stays as it is; what it does for its files and for nothing was a quarter of its
 * processor time, and Azurite is what the tests use most of.
 */
const fs = require('node:fs');
const path = require('node:path');

const azurite = path.dirname(require.resolve('azurite/package.json'));
const Loki = require(require.resolve('lokijs', { paths: [azurite] }));

// Its whole database becomes text and a file every five seconds. Once, at the end, is enough for one that comes back.
Loki.prototype.autosaveEnable = function autosaveAtEnd() {
  this.autosave = true;
};

// Each operation on a queue removes what has expired, most of the time nothing: which rebuilds all indexes of all messages.
const { removeBatch } = Loki.Collection.prototype;
Loki.Collection.prototype.removeBatch = function removeSome(batch) {
  if (batch.length > 0) removeBatch.call(this, batch);
};

// No test survives the machine.
fs.fdatasync = (_file, done) => {
  process.nextTick(done, null);
};
