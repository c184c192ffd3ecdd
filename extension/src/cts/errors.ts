/** What goes wrong in the wallet, with the codes that its pages put into words. */
import { ChitError, type ProblemCode } from "@chit/protocol";
import type { WalletFailureCode } from "../messages.ts";
import type { Failure } from "./records.ts";

/** An error of the wallet. `code` is stable; `message` says what was wrong and what to do. */
export class WalletError extends Error {
  override readonly name: string = "WalletError";
  readonly code: WalletFailureCode | ProblemCode;

  constructor(code: WalletFailureCode | ProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** No account of this wallet fits a quote. */
export class NoAccountError extends WalletError {
  /** Whose payments the shop takes. */
  readonly issuers: readonly string[];

  constructor(issuers: readonly string[]) {
    super("no-account", `The shop takes payments through ${issuers.join(", ")}.`);
    this.issuers = issuers;
  }
}

/** A server that could not be reached, timed out, or gave no answer of the protocol: worth another try. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** A server that refused the message with a problem (RFC 9457). */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Any error as the pages see it; nothing of an unexpected one but its name leaves the wallet. */
export function toFailure(error: unknown): Failure {
  if (error instanceof WalletError || error instanceof ChitError || error instanceof RefusedError) {
    return { code: error.code, detail: error.message.slice(0, 1_000) };
  }
  if (error instanceof DOMException && error.name === "QuotaExceededError") {
    return { code: "storage-failed", detail: "The disk has no room for the wallet's data." };
  }
  const name = error instanceof Error ? error.name : typeof error;
  return { code: "internal-error", detail: `The wallet stumbled over an error of kind ${name}.` };
}
