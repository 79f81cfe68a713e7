// Files of indicators: STIX as JSON, or Sentinel's CSV; what was taken and what failed, line by line.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Resource } from "~/api/arm";
import { Gated } from "~/parts/gated";
import { SelectField, TextField } from "~/parts/form";
import { Empty, Failed, Loading } from "~/parts/states";
import { Instant } from "~/parts/time";
import { usePlace } from "~/shell/place";
import { IMPORT, PROVIDER } from "./indicator";

const MOST = 50_000_000; // bytes

interface ImportProperties {
  readonly source: string;
  readonly state: string;
  readonly createdTimeUTC?: string;
  readonly totalRecordCount?: number | null;
  readonly validRecordCount?: number | null;
  readonly ingestedRecordCount?: number | null;
  readonly importFile: { readonly fileName?: string; readonly fileContentUri?: string };
  readonly errorsPreview?: readonly { readonly recordIndex: number; readonly errorMessages: readonly string[] }[];
}

type Import = Resource<ImportProperties>;

export default function ImportView() {
  const { arm, send, sentinel } = usePlace();
  const client = useQueryClient();
  const [file, setFile] = useState<File>();
  const [source, setSource] = useState("");
  const [mode, setMode] = useState("IngestAnyValidRecords");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const asked = useQuery({
    queryKey: ["fileImports", sentinel],
    queryFn: ({ signal }) => arm.list<Import>(`${sentinel}/fileImports`, PROVIDER, {}, signal),
  });
  const problem = !file
    ? "Choose a file."
    : file.size > MOST
      ? `The file is larger than ${MOST / 1_000_000} MB.`
      : !source.trim()
        ? "Name the source."
        : undefined;
  const bring = async (): Promise<void> => {
    if (!file || problem) return;
    setBusy(true);
    setError(undefined);
    try {
      const isCsv = file.name.toLowerCase().endsWith(".csv");
      const { body } = await arm.put<Import>(`${sentinel}/fileImports/${crypto.randomUUID()}`, PROVIDER, {
        properties: {
          ingestionMode: mode,
          contentType: isCsv ? "BasicIndicator" : "StixIndicator",
          source: source.trim(),
          importFile: { fileFormat: isCsv ? "CSV" : "JSON", fileName: file.name, fileSize: file.size },
        },
      });
      const target = new URL(body.properties.importFile.fileContentUri ?? "", location.origin);
      await send({
        audience: "arm",
        method: "PUT",
        path: target.pathname + target.search,
        body: await file.text(),
        headers: { "x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream" },
        patience: 300_000,
      });
      setFile(undefined);
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: ["fileImports", sentinel] });
      await client.invalidateQueries({ queryKey: ["indicators", sentinel] });
      await client.invalidateQueries({ queryKey: ["indicatorMetrics", sentinel] });
    }
  };
  return (
    <div className="form import">
      <div className="field">
        <label className="label" htmlFor="indicator-file">
          File
        </label>
        <input
          id="indicator-file"
          type="file"
          accept=".json,.stix,.csv"
          onChange={(event) => setFile(event.target.files?.[0])}
        />
        <small className="faint">
          A bundle or a list of STIX objects (.json), or Sentinel’s columns (.csv); up to 50 MB.
        </small>
      </div>
      <div className="pair">
        <TextField
          label="Source"
          required
          value={source}
          set={setSource}
          hint="The name that the indicators are marked with."
        />
        <SelectField
          label="Where some are wrong"
          value={mode}
          set={setMode}
          options={[
            ["IngestAnyValidRecords", "take those that are right"],
            ["IngestOnlyIfAllAreValid", "take none"],
          ]}
        />
      </div>
      <div className="row">
        <Gated
          action={IMPORT}
          className="primary"
          disabled={isBusy || problem !== undefined}
          title={problem}
          onClick={() => void bring()}
        >
          {isBusy ? "Importing …" : "Import"}
        </Gated>
        {problem && <span className="faint">{problem}</span>}
      </div>
      {error !== undefined && <Failed error={error} />}
      <h2>Imports</h2>
      {asked.isPending && <Loading what="imports" />}
      {asked.isError && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.data?.length === 0 && (
        <Empty
          what="No file was imported yet. From the command line:"
          how="vedette indicators import FILE --source NAME"
        />
      )}
      {asked.data && asked.data.length > 0 && <Imports of={asked.data} />}
    </div>
  );
}

function Imports({ of }: { of: readonly Import[] }) {
  const newest = [...of].sort((a, b) =>
    (b.properties.createdTimeUTC ?? "").localeCompare(a.properties.createdTimeUTC ?? ""),
  );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col">Source</th>
          <th scope="col">Begun</th>
          <th scope="col">State</th>
          <th scope="col">Taken</th>
          <th scope="col">What failed</th>
        </tr>
      </thead>
      <tbody>
        {newest.map(({ name, properties }) => (
          <tr key={name}>
            <td>{properties.importFile.fileName ?? name}</td>
            <td>{properties.source}</td>
            <td>
              <Instant value={properties.createdTimeUTC} />
            </td>
            <td className={properties.state === "Ingested" ? "good" : "warn"}>{properties.state}</td>
            <td>
              {properties.ingestedRecordCount ?? "–"} of {properties.totalRecordCount ?? "–"}
            </td>
            <td>
              {properties.errorsPreview?.map(({ recordIndex, errorMessages }) => (
                <div key={recordIndex}>
                  Record {recordIndex + 1}: {errorMessages.join(" ")}
                </div>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
