/**
 * `DURABLE_TEST_IN_FULL=yes` breaks everything that can break, in every way, and makes crowds as large as they were when they went wrong: an
 * hour and more. Otherwise the tests take a sample of the faults, and smaller crowds.
 */
export const IS_IN_FULL = process.env['DURABLE_TEST_IN_FULL'] === 'yes';
