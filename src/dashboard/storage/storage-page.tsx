/** Where the hub is kept: queues with their messages, who works on it, what is stored, and what was set aside. */
import type { Storage } from '../overview/hub-answers.ts';
import { LiveButton } from '../parts/live.tsx';
import { isSettled, Loading } from '../parts/loading.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { TableCard } from '../parts/table-card.tsx';
import { durationText, now } from '../parts/time.tsx';
import { routeHref } from '../route.ts';
import { mayDestroy } from '../shell/session.ts';
import { DeleteHubCard } from './delete-hub-card.tsx';
import { MessagesCard } from './messages-card.tsx';
import { PoisonCard, usePoison } from './poison-card.tsx';
import { bytesText, type Contents } from './storage-answers.ts';

const EVERY_MS = 10_000;
/** The host may have to list thousands of blobs for it. */
const CONTENTS_EVERY_MS = 60_000;

/** @param props.queue whose messages are shown. @default the first one */
export function StoragePage({ queue }: { readonly queue: string | undefined }) {
  const storage = usePolled<Storage>(['storage'], () => ({}), [], { everyMs: EVERY_MS });
  const contents = usePolled<Contents>(['storage', 'contents'], () => ({}), [], {
    everyMs: CONTENTS_EVERY_MS,
  });
  const poison = usePoison();
  const refresh = (): void => {
    void storage.refresh();
    void contents.refresh();
  };
  const error = storage.error.value ?? contents.error.value ?? poison.error.value;
  // It comes first: what is below it would jump.
  const told = isSettled(poison) ? storage.answer.value : undefined;
  const shown = queue ?? told?.controlQueues[0]?.name;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Storage</h1>
        <LiveButton />
      </header>
      <Problem text={error} />
      {told === undefined && storage.error.value === undefined && <Loading />}
      {told && (
        <div class="stack-cards">
          <PoisonCard poison={poison} />
          <Queues storage={told} shown={shown} />
          {shown !== undefined && <MessagesCard key={shown} queue={shown} saidAlready={error} />}
          <Workers storage={told} />
          {contents.answer.value && <ContentsCard contents={contents.answer.value} />}
          {mayDestroy.value && <DeleteHubCard onDeleted={refresh} />}
        </div>
      )}
    </div>
  );
}

function Queues({
  storage,
  shown,
}: {
  readonly storage: Storage;
  readonly shown: string | undefined;
}) {
  const { controlQueues, workItems } = storage;
  return (
    <TableCard
      title="Queues"
      note="Hidden is what workers have in their hands, and what is due later."
      columns={['Queue', 'Read by', 'Waiting', 'Hidden', 'Oldest']}
      texts={2}
    >
      {[...controlQueues, workItems].map((queue) => (
        <tr key={queue.name} aria-current={queue.name === shown ? 'true' : undefined}>
          <td>
            <a href={routeHref(['storage', queue.name])}>{queue.name}</a>
          </td>
          <td>{queue === workItems ? 'all' : ownerOf(queue.name, storage)}</td>
          <td>{queue.waiting.toLocaleString('en')}</td>
          <td>{queue.hidden.toLocaleString('en')}</td>
          <td>{queue.oldestWaitingMs === null ? '' : durationText(queue.oldestWaitingMs)}</td>
        </tr>
      ))}
    </TableCard>
  );
}

/** Partitions are named like their queues, leases by a path that ends so; a hub in a folder is read as a whole. */
function ownerOf(queue: string, { workers, processes }: Storage): string {
  const owns = ({ partition }: Storage['workers'][number]): boolean =>
    partition === queue || partition.endsWith(`/${queue}`) || partition === 'the hub';
  const owners = new Set(workers.filter(owns).map(({ owner }) => owner));
  if (owners.size > 0) return [...owners].join(', ');
  // Workers in memory leave no trace but their number.
  return workers.length > 0 || processes === 0 ? 'nobody' : '';
}

function Workers({ storage: { workers, processes } }: { readonly storage: Storage }) {
  const byOwner = workers.toSorted((a, b) => (a.owner < b.owner ? -1 : a.owner > b.owner ? 1 : 0));
  return (
    <TableCard
      title="Workers"
      note={`${processes} ${processes === 1 ? 'process' : 'processes'} at work`}
      columns={['Worker', 'Partition', 'App', 'Holds it for']}
      texts={3}
    >
      {byOwner.map(({ owner, partition, app, until }, n) => (
        <tr key={`${owner} ${partition}`}>
          <td>{byOwner[n - 1]?.owner === owner ? '' : owner}</td>
          <td>{partition}</td>
          <td>{app ?? ''}</td>
          <td>{until === null ? '' : durationText(Math.max(0, Date.parse(until) - now.value))}</td>
        </tr>
      ))}
    </TableCard>
  );
}

function ContentsCard({ contents: { contents } }: { readonly contents: Contents }) {
  return (
    <TableCard title="Contents" columns={['Name', 'Holds', 'Items', 'Size']} texts={2}>
      {contents.map(({ name, what, items, bytes, isComplete }) => (
        <tr key={name}>
          <td>{name}</td>
          <td>{what}</td>
          <td>
            {items === null ? '' : items.toLocaleString('en')}
            {!isComplete && ' or more'}
          </td>
          <td>{bytes === null ? '' : bytesText(bytes)}</td>
        </tr>
      ))}
    </TableCard>
  );
}
