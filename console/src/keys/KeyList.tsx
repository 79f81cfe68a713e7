// Scopes of keys as lists for a person, read from the same data that makes the keys work.
import type { Scope } from "./bindings";

export function KeyList({ scopes, heading: Heading }: { scopes: readonly Scope[]; heading: "h2" | "h3" }) {
  return (
    <div className="keyhelp">
      {scopes.map((scope) => (
        <section key={scope.name}>
          <Heading>{scope.title}</Heading>
          <dl>
            {scope.bindings.map((binding) => (
              <div key={`${binding.keys} ${binding.action}`}>
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
  );
}
