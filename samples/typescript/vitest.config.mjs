// Only the tests of this app: those of the repository have a configuration of their own.
export default { test: { include: ['test/*.test.ts'] } };
