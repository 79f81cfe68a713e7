// A button for something that a role may forbid: it stays where it is, and says which action is missing.
import type { ButtonHTMLAttributes } from "react";
import { isGranted } from "~/api/permissions";
import { usePlace } from "~/shell/place";
import { failed } from "./toast";

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  /** The action of Azure's that it takes, such as Microsoft.SecurityInsights/incidents/write. */
  action: string;
};

/** Whether the person may do an action here; undefined while that is not known yet. */
export function useMay(): (action: string) => boolean {
  const { permissions } = usePlace();
  return (action) => permissions === undefined || isGranted(permissions, action);
}

/** What is said where an action is missing. */
export function missing(action: string): string {
  return `Your roles here do not have ${action}.`;
}

export function Gated(props: Props) {
  const may = useMay()(props.action);
  return <GatedBy may={may} {...props} />;
}

/** The button itself, for whoever knows otherwise than by the workspace's roles whether the action may be done. */
export function GatedBy({ may, action, disabled, title, onClick, ...rest }: Props & { may: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={!may || disabled || undefined}
      title={may ? title : missing(action)}
      onClick={(event) => {
        if (may && !disabled) onClick?.(event);
      }}
    />
  );
}

/** For keys: do something that takes an action, or say that the action is missing. */
export function useGuard(): (action: string, work: () => void) => void {
  const may = useMay();
  return (action, work) => {
    if (may(action)) work();
    else failed("Nothing was changed.", new Error(missing(action)));
  };
}
