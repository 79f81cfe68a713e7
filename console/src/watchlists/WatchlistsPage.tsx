// Watchlists: the list, and the items of one.
import { useParams } from "wouter";
import { WatchlistList } from "./WatchlistList";
import { Items } from "./Items";
import "./watchlists.css";

export default function WatchlistsPage() {
  const rest = useParams()["*"];
  return rest ? <Items key={rest} alias={decodeURIComponent(rest)} /> : <WatchlistList />;
}
