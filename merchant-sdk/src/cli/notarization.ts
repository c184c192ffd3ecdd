/** What `chit-verify` does: a notarization off line, in words. */
import { readFile, stat } from "node:fs/promises";
import {
  amountToWire,
  ChitError,
  formatDecimal,
  fromBase64url,
  LIMITS,
  type Notarization,
  toBase64url,
  verifyNotarization,
} from "@chit/protocol";
import { nodeCrypto } from "@chit/protocol/node";
import { CliError } from "./context.ts";

/** What a genuine file shows, for people and for programs. */
export interface NotarizationVerdict {
  readonly text: string;
  /** Amounts in smallest units as decimal strings, times in seconds, hashes as base64url. */
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}

/** @throws {CliError} */
export function readRootKey(text: string): Uint8Array {
  try {
    const key = fromBase64url(text.trim());
    if (key.length === 32) return key;
  } catch {
    // Told below.
  }
  throw new CliError("--root-key: expected 32 bytes as base64url, 43 characters.");
}

/** @throws {CliError} */
export async function readNotarizationFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= LIMITS.notarizationBytes) return await readFile(path, "utf8");
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  throw new CliError(`${path} is longer than any notarization.`);
}

/** @throws {CliError} when the file does not prove a payment under this root key */
export function verdictOn(file: string, rootKey: Uint8Array): NotarizationVerdict {
  try {
    return describe(verifyNotarization(verifying, rootKey, file));
  } catch (error) {
    if (!(error instanceof ChitError)) throw error;
    throw new CliError(`This file does not prove a payment: ${error.message} (${error.code})`, {
      cause: error,
    });
  }
}

const verifying = nodeCrypto(() => {
  throw new Error("Verifying needs no chance.");
});

function describe({ payment, certificate, keyList, ...log }: Notarization): NotarizationVerdict {
  const { amount, currency, scale, transactionNumber } = payment;
  const { index, checkpoint } = log;
  const facts = {
    operator: keyList.operator,
    issuer: payment.iss,
    amount: amountToWire(amount),
    currency,
    scale,
    merchant: certificate.name,
    merchantId: payment.merchantId,
    merchantOrigins: certificate.origins,
    transactionNumber,
    paymentId: payment.jti,
    quoteHash: toBase64url(payment.quoteHash),
    paidAt: payment.iat,
    notarizedAt: checkpoint.at,
    log: checkpoint.origin,
    entry: index,
    logSize: checkpoint.size,
    logRoot: toBase64url(checkpoint.root),
  };
  const rows = [
    ["paid", `${formatDecimal(amount, scale)} ${currency}`],
    ["to", `${certificate.name} (${certificate.origins.join(", ")})`],
    ["on", moment(payment.iat)],
    ["through", `${keyList.operator} (${payment.iss})`],
    ["transaction", transactionNumber],
    [
      "notarized",
      `${moment(checkpoint.at)}, as number ${index + 1} of ${checkpoint.size} payments`,
    ],
    ["in the log", checkpoint.origin],
  ] as const;
  const lines = rows.map(([name, value]) => `  ${name.padEnd(12)} ${value}`);
  const text = ["This payment was made, and stands in the operator's log:", "", ...lines].join(
    "\n",
  );
  return { text, facts };
}

function moment(seconds: number): string {
  return `${new Date(seconds * 1_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
