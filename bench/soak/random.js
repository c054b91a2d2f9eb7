// Chance that can be had again: the same seed gives the same numbers.

/** @returns {() => number} from 0 to 1, 1 excluded. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number, both ends included. */
export function between(random, least, most) {
  return least + Math.floor(random() * (most - least + 1));
}

export function several(random, least, most, make) {
  return Array.from({ length: between(random, least, most) }, make);
}
