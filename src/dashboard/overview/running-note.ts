/** How many functions are executed, and by whom, in words. */

/** As GET /running tells. */
export interface Running {
  readonly total: number;
  readonly running: readonly {
    readonly kind: 'activity' | 'orchestrator' | 'entity';
    readonly name: string;
    readonly instanceId: string;
    readonly since: string;
    /** null: the process that answers. */
    readonly worker: string | null;
  }[];
  readonly others: readonly {
    readonly worker: string;
    /** null: it cannot be reached, or does not tell. */
    readonly total: number | null;
  }[];
}

export function runningNote({ total, running, others }: Running): string {
  const silent = others.filter((each) => each.total === null).length;
  const told = others.length - silent;
  const beside = told === 0 ? '' : ` and ${workers(told)}`;
  const more = total > running.length ? `, the ${running.length} that began first` : '';
  const unknown = silent === 0 ? '' : `; ${workers(silent)} cannot be asked from here`;
  return `${total.toLocaleString('en')} in this process${beside}${more}${unknown}`;
}

function workers(count: number): string {
  return count === 1 ? 'another worker' : `${count} other workers`;
}
