// A text that counts when it is left or Enter is pressed, so that no query runs for half a word.
import { useState } from "react";

interface Props {
  readonly id: string;
  readonly value: string;
  readonly commit: (text: string) => void;
  readonly isFixed?: boolean;
}

/** When the value changes by something else, what was typed goes. */
export function TextControl(props: Props) {
  return <Typed key={props.value} {...props} />;
}

function Typed({ id, value, commit, isFixed = false }: Props) {
  const [typed, setTyped] = useState(value);
  const take = (): void => {
    if (typed !== value) commit(typed);
  };
  return (
    <input
      id={id}
      value={typed}
      readOnly={isFixed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        if (event.key === "Escape") setTyped(value);
      }}
    />
  );
}
