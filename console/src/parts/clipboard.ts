// Copying a text, and saying so.
import { done, failed } from "./toast";

export function copy(text: string, what = "Copied"): void {
  navigator.clipboard.writeText(text).then(
    () => done(what),
    (error: unknown) => failed("The browser did not let it be copied.", error),
  );
}
