// Workbooks: the list of them, or one.
import { useParams } from "wouter";
import { WorkbookList } from "./WorkbookList";
import { WorkbookPage } from "./WorkbookPage";
import "./workbooks.css";

export default function WorkbooksPage() {
  const rest = useParams()["*"] ?? "";
  return rest === "" ? <WorkbookList /> : <WorkbookPage key={rest} slug={decodeURIComponent(rest)} />;
}
