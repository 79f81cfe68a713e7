// What may follow the keys of a sequence that was begun: after `c`, the ways to close.
import { currentScopes } from "~/keys/keys";
import { useBegun } from "~/keys/useKeys";

export function Continuations() {
  const begun = useBegun();
  if (!begun) return null;
  const following = currentScopes()
    .flatMap((scope) => scope.bindings)
    .filter((each) => each.keys.startsWith(`${begun} `));
  return (
    <ul className="continuations" aria-label={`Keys after ${begun}`}>
      {following.map((each) => (
        <li key={each.keys}>
          <kbd>{each.keys.slice(begun.length + 1)}</kbd> {each.label}
        </li>
      ))}
    </ul>
  );
}
