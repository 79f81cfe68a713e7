// A rule with the name that it has, or will have: what files hold and imports write.
import type { RuleBody } from "./model";

export interface NamedRule extends RuleBody {
  readonly name: string;
}

/** A file, or a part of it, that is no rule; the message says what is wrong. */
export class NotARule extends Error {}
