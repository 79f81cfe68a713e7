// The keys that work here, read from the same data that makes them work.
import { currentScopes } from "~/keys/keys";
import { Dialog } from "~/parts/dialog";

export function KeyHelp({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close} wide>
      <div className="keyhelp">
        {[...currentScopes()].reverse().map((scope) => (
          <section key={scope.name}>
            <h3>{scope.title}</h3>
            <dl>
              {scope.bindings.map((binding) => (
                <div key={binding.keys}>
                  <dt>
                    <kbd>{binding.keys}</kbd>
                  </dt>
                  <dd>{binding.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
