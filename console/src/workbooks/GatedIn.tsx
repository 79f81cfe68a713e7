// A gated button for what is not in the workspace: workbooks are resources of its group, where other roles may hold.
import { useQuery } from "@tanstack/react-query";
import type { ButtonHTMLAttributes } from "react";
import { isGranted, type Permission } from "~/api/permissions";
import { missing } from "~/parts/gated";
import { usePlace } from "~/shell/place";

/** Whether the person may do an action at a scope; until the server said, it is let be. */
export function useMayIn(scope: string): (action: string) => boolean {
  const { arm } = usePlace();
  const held = useQuery({
    queryKey: ["permissions", scope],
    queryFn: ({ signal }) =>
      arm.list<Permission>(
        `${scope}/providers/Microsoft.Authorization/permissions`,
        "Microsoft.Authorization",
        {},
        signal,
      ),
    staleTime: 300_000,
  });
  return (action) => held.data === undefined || isGranted(held.data, action);
}

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { readonly scope: string; readonly action: string };

export function GatedIn({ scope, action, disabled, title, onClick, ...rest }: Props) {
  const may = useMayIn(scope)(action);
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
