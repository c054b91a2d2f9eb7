// Never calls done: the promise that would do it fails.
module.exports = function (context) {
  void Promise.resolve().then(() => {
    throw new Error('forgotten promise');
  });
};
