/** What holds for each test file. Named in vitest.config.ts; runs before the file, whose own hooks at its end come before these. */
import { afterAll } from 'vitest';
import { killLeftovers } from './child-processes.ts';
import { watchRejections } from './left-rejections.ts';

afterAll(killLeftovers);
afterAll(watchRejections());
