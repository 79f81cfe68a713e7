// A row of parameters.
import { useMemo } from "react";
import { cyclesIn } from "../model/dependencies";
import type { ParametersItem } from "../model/item";
import { Parameter } from "./Parameter";

export function ParametersView({ item, isVisible }: { item: ParametersItem; isVisible: boolean }) {
  const cycles = useMemo(() => cyclesIn(item.parameters), [item]);
  const each = item.parameters.map((definition) => (
    <Parameter
      key={definition.key}
      definition={definition}
      isVisible={isVisible}
      isCircular={cycles.has(definition.name)}
    />
  ));
  return isVisible ? <div className="wb-parameters">{each}</div> : <>{each}</>;
}
