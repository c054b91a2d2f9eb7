/**
 * What is counted and measured in a process: counters and histograms, in memory, by their labels. Costs a look into a map for each;
 * who reads them decides how they look (prometheus-text.ts). Gauges are asked for when somebody reads.
 */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** What is added to the name: `_sum`, `_bucket`, or nothing. */
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface Metric {
  /** `durabletask_instances_total` */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): readonly Sample[];
}

/** Names of functions are the app's, but ids and the like must not be labels: nothing is ever forgotten. */
const MOST_LABELS = 1_000;

/** By the values of the labels. What comes when there are too many is left out. */
class Labelled<Value> {
  readonly #found = new Map<string, { readonly labels: Labels; value: Value }>();
  readonly #begin: () => Value;

  constructor(begin: () => Value) {
    this.#begin = begin;
  }

  find(labels: Labels): { value: Value } | undefined {
    const key = Object.values(labels).join('\0');
    const known = this.#found.get(key);
    if (known || this.#found.size >= MOST_LABELS) return known;
    const entry = { labels, value: this.#begin() };
    this.#found.set(key, entry);
    return entry;
  }

  all(): readonly { readonly labels: Labels; readonly value: Value }[] {
    return [...this.#found.values()];
  }
}

export class Counter implements Metric {
  readonly type = 'counter';
  readonly name: string;
  readonly help: string;
  readonly #counts = new Labelled(() => 0);

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  /** @param labels the same names in the same order each time. */
  add(labels: Labels): void {
    const entry = this.#counts.find(labels);
    if (entry) entry.value++;
  }

  samples(): readonly Sample[] {
    return this.#counts.all().map(({ labels, value }) => ({ suffix: '', labels, value }));
  }
}

/** Upper bounds in seconds: from a step of an orchestrator to an activity that takes minutes. */
const BOUNDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

export class Histogram implements Metric {
  readonly type = 'histogram';
  readonly name: string;
  readonly help: string;
  readonly #found = new Labelled(() => ({ sum: 0, count: 0, buckets: BOUNDS.map(() => 0) }));

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  /** @param labels the same names in the same order each time. */
  observe(labels: Labels, seconds: number): void {
    const found = this.#found.find(labels)?.value;
    if (!found) return;
    found.sum += seconds;
    found.count++;
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) found.buckets[bucket] = (found.buckets[bucket] ?? 0) + 1;
  }

  samples(): readonly Sample[] {
    return this.#found.all().flatMap(({ labels, value: { sum, count, buckets } }) => {
      let below = 0;
      const bounded = BOUNDS.map((bound, index) => {
        below += buckets[index] ?? 0;
        return { suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: below };
      });
      return [
        ...bounded,
        { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
        { suffix: '_sum', labels, value: sum },
        { suffix: '_count', labels, value: count },
      ];
    });
  }
}

/** What is true when somebody reads. */
export function gauge(
  name: string,
  help: string,
  read: () => readonly { readonly labels: Labels; readonly value: number }[],
): Metric {
  return {
    name,
    help,
    type: 'gauge',
    samples: () => read().map((sample) => ({ suffix: '', ...sample })),
  };
}
