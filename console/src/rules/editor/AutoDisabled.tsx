// What stands above a rule that the server disabled: why, and what to do about it.
import { Gated } from "~/parts/gated";
import { disabledBecause, WRITE, type Rule } from "../model";

export function AutoDisabled({ rule, toggle }: { rule: Rule; toggle: () => void }) {
  return (
    <div className="auto-disabled" role="alert">
      <p>
        <strong>The server disabled this rule.</strong> {disabledBecause(rule.properties)}
      </p>
      <p>
        Mend what it says (the query, or the table or function that is gone), look at a preview, save, and switch it on:
        its own name and description come back.{" "}
        <Gated action={WRITE} onClick={toggle}>
          Enable again
        </Gated>
      </p>
    </div>
  );
}
