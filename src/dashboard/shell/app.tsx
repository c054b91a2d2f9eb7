/** The frame: navigation, the page that the address names, and the dialog that asks for a key. */
import { useEffect } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { isKeyWanted } from '../api.ts';
import { EntitiesPage } from '../entities/entities-page.tsx';
import { EntityPage } from '../entities/entity-page.tsx';
import { FailuresPage } from '../failures/failures-page.tsx';
import { FunctionsPage } from '../functions/functions-page.tsx';
import { InstancePage } from '../instance/instance-page.tsx';
import { InstancesPage } from '../instances/instances-page.tsx';
import { OverviewPage } from '../overview/overview-page.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Loading } from '../parts/loading.tsx';
import { moveInList } from '../parts/list-keys.ts';
import { followAddress, goTo, route, routeHref } from '../route.ts';
import { StoragePage } from '../storage/storage-page.tsx';
import { TimersPage } from '../timers/timers-page.tsx';
import { keepFocus } from './keep-focus.ts';
import { KeyDialog } from './key-dialog.tsx';
import { isPaletteOpen, Palette } from './palette.tsx';
import { openSession, session, sessionError } from './session.ts';
import { nextTheme, theme } from './theme.ts';

interface Page {
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  /** @param rest of the path, behind the name of the page. */
  readonly show: (rest: readonly string[]) => ComponentChildren;
}

const PAGES: readonly [Page, ...Page[]] = [
  { name: 'overview', title: 'Overview', icon: 'home', show: () => <OverviewPage /> },
  {
    name: 'instances',
    title: 'Instances',
    icon: 'list',
    show: ([instanceId]) =>
      instanceId === undefined ? (
        <InstancesPage />
      ) : (
        <InstancePage key={instanceId} instanceId={instanceId} />
      ),
  },
  { name: 'failures', title: 'Failures', icon: 'alert', show: () => <FailuresPage /> },
  {
    name: 'entities',
    title: 'Entities',
    icon: 'cube',
    show: ([name, key]) =>
      name === undefined ? (
        <EntitiesPage />
      ) : (
        <EntityPage key={`${name}@${key ?? ''}`} name={name} entityKey={key ?? ''} />
      ),
  },
  { name: 'functions', title: 'Functions', icon: 'branch', show: () => <FunctionsPage /> },
  { name: 'timers', title: 'Timers', icon: 'clock', show: () => <TimersPage /> },
  {
    name: 'storage',
    title: 'Storage',
    icon: 'disk',
    show: ([queue]) => <StoragePage queue={queue} />,
  },
];

const PALETTE_PAGES = PAGES.map(({ name, title, icon }) => ({
  label: title,
  note: 'page',
  icon,
  run: () => {
    goTo(routeHref([name]));
  },
}));

export function App() {
  useEffect(() => {
    followAddress();
    followKeys();
    keepFocus();
    void openSession();
  }, []);
  const [name, ...rest] = route.value.path;
  const page = PAGES.find((each) => each.name === name);
  useEffect(() => {
    if (name === undefined) goTo(routeHref([PAGES[0].name]), { replaces: true });
  }, [name]);
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        To the content
      </a>
      <div class="frame">
        <Sidebar current={page} />
        <main id="main" tabIndex={-1}>
          {session.value === undefined ? (
            <Opening title={page?.title} />
          ) : (
            (page?.show(rest) ?? <NoPage name={name} />)
          )}
        </main>
      </div>
      {isKeyWanted.value && <KeyDialog />}
      {isPaletteOpen.value && <Palette pages={PALETTE_PAGES} />}
    </>
  );
}

/** `/` leads to what the page can be searched by, unless something is typed already; Ctrl+K to everything. */
function followKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      // A dialog wants its answer first.
      if (document.querySelector('dialog[open]') === null) isPaletteOpen.value = true;
      return;
    }
    moveInList(event);
    const { target } = event;
    const isTyping =
      target instanceof Element && target.closest('input, textarea, select') !== null;
    if (event.key !== '/' || isTyping) return;
    const search = document.querySelector<HTMLInputElement>('main input[type=search]');
    if (search === null) return;
    event.preventDefault();
    search.select();
  });
}

/** A link to `#main` would be taken for an address of a page. */
function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function NoPage({ name }: { readonly name: string | undefined }) {
  if (name === undefined) return null;
  return (
    <div class="empty">
      <h1>No such page</h1>
      <p>The address names '{name}', and there is none of that name.</p>
      <a href={routeHref([PAGES[0].name])}>{PAGES[0].title}</a>
    </div>
  );
}

/** Before the host has said what may be done here. */
function Opening({ title = 'Durable Functions' }: { readonly title: string | undefined }) {
  const error = sessionError.value;
  if (isKeyWanted.value || error === undefined) {
    return (
      <div class="page">
        <header class="page-head">
          <h1>{title}</h1>
        </header>
        {!isKeyWanted.value && <Loading />}
      </div>
    );
  }
  return (
    <div class="empty" role="alert">
      <h1>{title}</h1>
      <p>{error}</p>
      <button type="button" onClick={() => void openSession()}>
        Try again
      </button>
    </div>
  );
}

function Sidebar({ current }: { readonly current: Page | undefined }) {
  return (
    <header class="sidebar">
      <a class="brand" href={routeHref([PAGES[0].name])}>
        <Logo />
        <span>
          <strong>Durable Functions</strong>
          <small title="Task hub">{session.value?.taskHub ?? ' '}</small>
        </span>
      </a>
      <button
        type="button"
        class="palette-button"
        aria-keyshortcuts="Control+K"
        onClick={() => (isPaletteOpen.value = true)}
      >
        <Icon name="search" /> <span>Go to</span> <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <nav aria-label="Pages">
        {PAGES.map((page) => (
          <a
            key={page.name}
            href={routeHref([page.name])}
            aria-current={page === current ? 'page' : undefined}
          >
            <Icon name={page.icon} />
            <span>{page.title}</span>
          </a>
        ))}
      </nav>
      <div class="sidebar-end">
        {session.value?.isReadOnly === true && (
          <span class="badge" title="extensions.durableTask.managementApi is 'readOnly'">
            read-only
          </span>
        )}
        <button
          type="button"
          class="quiet"
          onClick={nextTheme}
          title={`Colours: ${theme.value}`}
          aria-label={`Colours: ${theme.value}`}
        >
          <Icon name={THEME_ICONS[theme.value]} />
        </button>
      </div>
    </header>
  );
}

const THEME_ICONS = { system: 'half', light: 'sun', dark: 'moon' } as const;

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7.5 10.5h9M13.5 16h11M9.5 21.5h6.5" />
    </svg>
  );
}
