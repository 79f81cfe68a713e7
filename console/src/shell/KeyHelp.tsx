// The keys that work here.
import { KeyList } from "~/keys/KeyList";
import { currentScopes } from "~/keys/keys";
import { Dialog } from "~/parts/dialog";

export function KeyHelp({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close} wide>
      <KeyList scopes={[...currentScopes()].reverse()} heading="h3" />
    </Dialog>
  );
}
