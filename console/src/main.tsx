// The entry: who is signed in, then the frame.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Redirect, Route, Router, Switch, useParams } from "wouter";
import { ApiError } from "./api/errors";
import { listen } from "./keys/keys";
import { Failed } from "./parts/states";
import { readConfig, type Config } from "./session/config";
import { apply } from "./session/preferences";
import { openSession, SignedOut, signInAgain, type Session } from "./session/session";
import { PlaceOf, usePlace } from "./shell/place";
import { Shell } from "./shell/Shell";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";

function client(config: Config): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        refetchOnWindowFocus: false,
        // What the server refused stays refused; a server that is away is asked again, ever more slowly.
        retry: (count, error) => {
          if (error instanceof SignedOut) {
            void signInAgain(config);
            return false;
          }
          return error instanceof ApiError && (error.status === 0 || error.status >= 502) && count < 3;
        },
        retryDelay: (count) => Math.min(8000, 500 * 2 ** count),
      },
    },
  });
}

function Workspace({ session }: { session: Session }) {
  const { workspace } = useParams<{ workspace: string }>();
  return (
    <PlaceOf session={session} slug={decodeURIComponent(workspace)}>
      <Shell />
    </PlaceOf>
  );
}

/** The address without a workspace: the first one's incidents. */
function First() {
  const { workspace } = usePlace();
  return <Redirect to={`/w/${encodeURIComponent(workspace.slug)}/incidents`} replace />;
}

async function start(): Promise<void> {
  apply();
  listen(document);
  // Its code comes while it is asked who is there.
  if (/\/incidents\/?$/.test(location.pathname)) void import("./incidents/IncidentsPage");
  const root = createRoot(document.getElementById("root")!);
  try {
    const config = await readConfig();
    const session = await openSession(config);
    if (!session) return; // the browser is on its way to the sign-in page
    root.render(
      <StrictMode>
        <QueryClientProvider client={client(config)}>
          <Router base="/console">
            <Switch>
              <Route path="/w/:workspace/*?">
                <Workspace session={session} />
              </Route>
              <Route>
                <PlaceOf session={session} slug={undefined}>
                  <First />
                </PlaceOf>
              </Route>
            </Switch>
          </Router>
        </QueryClientProvider>
      </StrictMode>,
    );
  } catch (error) {
    root.render(
      <main>
        <h1>Vedette</h1>
        <Failed error={error} again={() => location.assign("/console/")} />
      </main>,
    );
  }
}

void start();
