// An error of the server's as a person may read it: its code, its message, the id of the request.

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly position?: number;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string,
    readonly details: readonly ErrorDetail[] = [],
    /** Seconds after which to try again, when the server said so. */
    readonly retryAfter?: number,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Envelope {
  readonly code?: string;
  readonly message?: string | { value?: string };
  readonly innererror?: Envelope & { line?: number; pos?: number };
  readonly innerError?: Envelope & { "request-id"?: string };
  readonly details?: readonly Envelope[];
  readonly error?: Envelope;
  readonly error_description?: string;
}

/** The error of an answer that is no success, whichever of the APIs' envelopes it has. */
export function errorOf(status: number, body: unknown, headers: Headers): ApiError {
  const outer = (typeof body === "object" && body !== null ? body : {}) as Envelope;
  const inner = typeof outer.error === "object" ? outer.error : outer;
  const code = inner.code ?? (typeof outer.error === "string" ? outer.error : `${status}`);
  const text = typeof inner.message === "object" ? inner.message.value : inner.message;
  const message = text ?? outer.error_description ?? `The server answered ${status}.`;
  const requestId = headers.get("x-ms-request-id") ?? headers.get("request-id") ?? "";
  const after = Number(headers.get("Retry-After"));
  return new ApiError(
    status,
    code,
    message,
    requestId,
    details(inner),
    Number.isFinite(after) && after > 0 ? after : undefined,
  );
}

function details(envelope: Envelope): ErrorDetail[] {
  const found: ErrorDetail[] = [];
  for (let at: (Envelope & { line?: number; pos?: number }) | undefined = envelope.innererror; at; at = at.innererror) {
    found.push({
      code: at.code ?? "",
      message: typeof at.message === "string" ? at.message : "",
      ...(at.line === undefined ? {} : { line: at.line }),
      ...(at.pos === undefined ? {} : { position: at.pos }),
    });
  }
  for (const each of envelope.details ?? []) {
    found.push({ code: each.code ?? "", message: typeof each.message === "string" ? each.message : "" });
  }
  return found;
}

/** What any thrown thing says, for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
