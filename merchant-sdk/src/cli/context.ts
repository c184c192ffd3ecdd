import { readProblem } from "@chit/protocol";

/** What the commands need of their surroundings. */
export interface CliDeps {
  /** Seconds since 1970. */
  readonly clock: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly fetch: typeof globalThis.fetch;
  /** Writes one line for the person who called. */
  readonly print: (line: string) => void;
}

/** A mistake of the caller, or something outside that failed: its message is all that is shown. */
export class CliError extends Error {
  override readonly name = "CliError";
}

/** Names of the files, in the directory that `--dir` names. */
export const FILES = {
  keys: "chit-merchant-keys.json",
  application: "chit-application.jws",
  bundle: "chit-merchant-bundle.json",
} as const;

/** Longest wait for the issuer, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** Calls the issuer; a failure names the address and what it said. */
export async function callIssuer(
  { fetch }: Pick<CliDeps, "fetch">,
  url: string,
  init: RequestInit = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    const { cause: inner } = cause as { cause?: unknown };
    const problem = inner instanceof Error ? inner.message : String(cause);
    throw new CliError(`${url} cannot be reached: ${problem}. Check --tps and the network.`);
  }
  if (response.ok) return response;
  const problem = readProblem(new Uint8Array(await response.arrayBuffer()));
  throw new CliError(`${url} answered ${response.status}: ${problem?.detail ?? "no reason given"}`);
}
