// Analytics rules: the list, and the editor of one.
import { lazy, Suspense } from "react";
import { useParams } from "wouter";
import { Loading } from "~/parts/states";
import { RuleList } from "./RuleList";
import "./rules.css";

const RuleEditor = lazy(() => import("./editor/RuleEditor"));

export default function RulesPage() {
  const rest = useParams()["*"];
  if (!rest) return <RuleList />;
  const name = decodeURIComponent(rest);
  return (
    <Suspense fallback={<Loading what="the editor" />}>
      <RuleEditor key={name} name={name === "new" ? undefined : name} />
    </Suspense>
  );
}
