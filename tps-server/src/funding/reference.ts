/**
 * What an account holder writes on a bank transfer: an ISO 11649 creditor reference (`RF` and two check digits by
 * ISO 7064 MOD 97-10), which banks check as it is typed. It names an account and is no secret.
 */
import { randomDigits } from "../identifiers.ts";
import type { Platform } from "../platform.ts";

/** Digits behind the check digits: a million accounts are one in a million of them. */
const DIGITS = 12;

/** A reference for a new account: `RF18123456789012`. */
export function newFundingReference(platform: Pick<Platform, "randomBytes">): string {
  const digits = randomDigits(platform, DIGITS);
  return `RF${checkDigits(digits)}${digits}`;
}

/** The check digits of a reference of digits alone. R and F count as 27 and 15. */
function checkDigits(digits: string): string {
  return String(98n - (BigInt(`${digits}271500`) % 97n)).padStart(2, "0");
}

/**
 * The references in what somebody wrote on a transfer, each once, without its spaces. People write `rf18 1234 5678 9012`,
 * and words around it; one with wrong check digits is none.
 */
export function findFundingReferences(text: string): string[] {
  const found = text
    .toUpperCase()
    .matchAll(/(?<![A-Z0-9])R[\s.-]*F(?:[\s.-]*[0-9]){14}(?![\s.-]*[0-9])/g);
  const references = [...found].map(([reference]) => reference.replace(/[\s.-]/g, ""));
  return [...new Set(references)].filter(
    (reference) => checkDigits(reference.slice(4)) === reference.slice(2, 4),
  );
}
