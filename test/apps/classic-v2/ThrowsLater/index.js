module.exports = function (context) {
  setTimeout(() => {
    throw new Error('thrown by a timer');
  }, 1);
};
