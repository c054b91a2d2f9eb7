/** How far long work has got: how many so far, of how many where that is known, how many a second, and since when. */
import type { Output } from '../../output.ts';
import { durationText } from './duration-text.ts';

export interface CountedProgress {
  /** So many are done by now. @param total of so many; undefined where nobody knows */
  at(count: number, total?: number): void;
  /** The work is over: the line goes. */
  end(): void;
}

const DRAW_EVERY_MS = 100;
const BAR_WIDTH = 20;
const BLOCK_WIDTH = 6;

/** @param what `instances deleted` */
export function countedProgress(output: Output, what: string): CountedProgress {
  const startMs = performance.now();
  let drawnMs = -Infinity;
  return {
    at(count, total) {
      const nowMs = performance.now();
      if (nowMs - drawnMs < DRAW_EVERY_MS) return;
      drawnMs = nowMs;
      output.progress(progressText(what, count, total, nowMs - startMs));
    },
    end() {
      output.progress('');
    },
  };
}

function progressText(
  what: string,
  count: number,
  total: number | undefined,
  elapsedMs: number,
): string {
  const perSecond =
    elapsedMs < 1_000 ? '' : `, ${Math.round((count * 1_000) / elapsedMs)} a second`;
  const done = count.toLocaleString('en');
  const ofAll =
    total === undefined
      ? `${runningBar(elapsedMs)} ${done}`
      : `${filledBar(count / total)} ${done} of ${total.toLocaleString('en')}`;
  return `${ofAll} ${what}${perSecond}, ${durationText(elapsedMs)}`;
}

/** @param part 0 to 1. Never says 100 % before all is done. */
function filledBar(part: number): string {
  const filled = Math.floor(part * BAR_WIDTH);
  return `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${Math.floor(part * 100)} %,`;
}

/** It runs to and fro: something happens. */
function runningBar(elapsedMs: number): string {
  const ways = BAR_WIDTH - BLOCK_WIDTH;
  const step = Math.floor(elapsedMs / DRAW_EVERY_MS) % (2 * ways);
  const left = step < ways ? step : 2 * ways - step;
  return `[${' '.repeat(left)}${'='.repeat(BLOCK_WIDTH)}${' '.repeat(ways - left)}]`;
}
