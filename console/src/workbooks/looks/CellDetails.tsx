// What is in a cell, or in a row, as names and values in a dialog.
import { Dialog } from "~/parts/dialog";
import { copy } from "~/parts/clipboard";
import { isJson, parsed } from "../model/json";

export function CellDetails({ title, value, close }: { title: string; value: unknown; close: () => void }) {
  const read = typeof value === "string" && /^\s*[[{]/.test(value) ? (parsed(value) ?? value) : value;
  const text = typeof read === "string" ? read : JSON.stringify(read, null, 2);
  return (
    <Dialog title={title || "Details"} close={close} wide>
      {isJson(read) ? (
        <table className="wb-details">
          <tbody>
            {Object.entries(read).map(([name, each]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <pre>{typeof each === "string" ? each : JSON.stringify(each, null, 2)}</pre>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <pre className="wb-details">{text}</pre>
      )}
      <div className="row">
        <button type="button" onClick={() => copy(text)}>
          Copy
        </button>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
