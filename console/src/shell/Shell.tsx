// The frame around every page: workspace, search, navigation, who is signed in, and the keys that work everywhere.
import { lazy, Suspense, useEffect, useState } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { EVERYWHERE } from "~/keys/bindings";
import { perform } from "~/keys/keys";
import { useActions, useBegun } from "~/keys/useKeys";
import { copy } from "~/parts/clipboard";
import { Continuations } from "~/parts/continuations";
import { Picker, type Choice } from "~/parts/picker";
import { Loading } from "~/parts/states";
import { failed, Toasts, undoLast } from "~/parts/toast";
import { isDark, prefer, preferences, usePreferences } from "~/session/preferences";
import { KeyHelp } from "./KeyHelp";
import { Palette } from "./Palette";
import { DETAILS, PAGES } from "./pages";
import { EVERY, usePlace } from "./place";
import { useGo } from "./address";

const EditNotices = lazy(() => import("~/incidents/EditNotices"));

type Open = "palette" | "help" | "workspace" | undefined;

export function Shell() {
  const place = usePlace();
  const [at] = useLocation();
  const go = useGo();
  const [open, setOpen] = useState<Open>();
  const goes = Object.fromEntries(PAGES.map((page) => [`go.${page.key}`, () => go(page.key)]));
  useActions({
    ...goes,
    "palette.open": () => setOpen("palette"),
    "help.open": () => setOpen("help"),
    "theme.toggle": () => prefer({ theme: isDark() ? "light" : "dark" }),
    "time.zone": () => prefer({ zone: preferences().zone === "utc" ? "local" : "utc" }),
    "page.copyLink": () => copy(location.href, "Link copied"),
    "edit.undo": () => void undoLast(),
  });
  const close = (): void => setOpen(undefined);
  // Only the queue is of all workspaces; any other page is of one.
  if (place.isEvery && at !== `/w/${EVERY}/incidents`) {
    const to = at.replace(`/w/${EVERY}`, `/w/${encodeURIComponent(place.workspace.slug)}`);
    return <Redirect to={to + location.search + location.hash} replace />;
  }
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <Header openWorkspace={() => setOpen("workspace")} />
      <Navigation />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading what="the page" />}>
          <Switch>
            {[...DETAILS, ...PAGES].map((page) => (
              <Route key={page.key} path={`/w/:workspace/${page.path}`} component={page.component} />
            ))}
            <Route>
              <p className="state">There is no such page. Ctrl+K finds the one that you look for.</p>
            </Route>
          </Switch>
        </Suspense>
      </main>
      <StatusLine />
      <Toasts />
      <Suspense fallback={null}>
        <EditNotices />
      </Suspense>
      {open === "palette" && <Palette close={close} />}
      {open === "help" && <KeyHelp close={close} />}
      {open === "workspace" && (
        <Picker
          title="Workspace"
          choices={[
            ...place.workspaces.map((each): Choice => ({
              key: each.slug,
              label: each.name,
              hint: each.resourceGroup,
            })),
            ...(place.workspaces.length > 1
              ? [{ key: EVERY, label: "All workspaces", hint: "one queue of their incidents" }]
              : []),
          ]}
          choose={(choice) => location.assign(`/console/w/${encodeURIComponent(choice.key)}/incidents`)}
          close={close}
        />
      )}
    </div>
  );
}

function Header({ openWorkspace }: { openWorkspace: () => void }) {
  const { workspace, isEvery, session } = usePlace();
  const { zone } = usePreferences();
  const name = isEvery ? "all workspaces" : workspace.slug;
  return (
    <header className="top">
      <strong className="brand">Vedette</strong>
      <button type="button" onClick={openWorkspace} aria-label={`Workspace ${name}, change it`}>
        {name} ▾
      </button>
      <button type="button" className="jump" onClick={() => perform("palette.open")}>
        Search or jump <kbd>Ctrl+K</kbd>
      </button>
      <span className="grow" />
      <Clock zone={zone} />
      <span className="person" title={session.person.userPrincipalName}>
        {session.person.name}
      </span>
      {session.config.signIn === "oidc" && (
        <button
          type="button"
          onClick={() =>
            session
              .signOut()
              .catch((error: unknown) => failed("This tab is signed out, and the server was not told.", error))
          }
        >
          Sign out
        </button>
      )}
      <button type="button" aria-label="Keys of this page" onClick={() => perform("help.open")}>
        ?
      </button>
    </header>
  );
}

function Clock({ zone }: { zone: "utc" | "local" }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 10_000);
    return () => clearInterval(timer);
  }, []);
  const text = zone === "utc" ? `UTC ${now.toISOString().slice(11, 16)}` : `local ${now.toTimeString().slice(0, 5)}`;
  return (
    <button type="button" className="clock" title="UTC or local time (u)" onClick={() => perform("time.zone")}>
      {text}
    </button>
  );
}

function Navigation() {
  const [at] = useLocation();
  const { workspace, isEvery } = usePlace();
  const own = `/w/${encodeURIComponent(workspace.slug)}`;
  return (
    <nav aria-label="Pages">
      {PAGES.map((page) => {
        const prefix = isEvery && page.key === "incidents" ? `/w/${EVERY}` : own;
        const isHere = at === `${prefix}/${page.key}` || at.startsWith(`${prefix}/${page.key}/`);
        const keys = EVERYWHERE.bindings.find((each) => each.action === `go.${page.key}`)?.keys;
        return (
          <Link key={page.key} href={`${prefix}/${page.key}`} aria-current={isHere ? "page" : undefined} title={keys}>
            {page.title}
          </Link>
        );
      })}
    </nav>
  );
}

function StatusLine() {
  const begun = useBegun();
  return (
    <footer className="status">
      <span id="page-hints" />
      <span className="grow" />
      <Continuations />
      {begun && <kbd>{begun} …</kbd>}
      <span>
        <kbd>?</kbd> keys
      </span>
    </footer>
  );
}
