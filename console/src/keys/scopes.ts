// All scopes of keys, for the page that lists them and for the test that presses each.
import { EVERYWHERE, type Scope } from "./bindings";

export const SCOPES: readonly Scope[] = [EVERYWHERE];
