/** Bank transfers as people and banking apps read them. Pure. */
import type { FundingView } from "../../messages.ts";

/** In groups of four, as IBANs and references are printed. */
export function inFours(text: string): string {
  return text.replace(/\s/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}

/**
 * The text of a SEPA transfer's QR code (European Payments Council, EPC069-12, version 2), without an amount; null where
 * a field does not fit into one. The reference goes where banks check it when it is an ISO 11649 one.
 */
export function transferCode({ reference, holder, iban, bic }: FundingView): string | null {
  const structured = isCreditorReference(reference);
  const lines = [
    "BCD",
    "002",
    // UTF-8.
    "1",
    "SCT",
    bic ?? "",
    holder,
    iban,
    // Amount and purpose: for the payer.
    "",
    "",
    structured ? reference : "",
    structured ? "" : reference,
  ];
  const text = lines.join("\n").trimEnd();
  return new TextEncoder().encode(text).length <= MOST_BYTES ? text : null;
}

/** As the guideline bounds it: a code that every telephone's camera reads. */
const MOST_BYTES = 331;

/** ISO 11649: RF, two check digits by ISO 7064 MOD 97-10, at most 21 letters and digits. */
function isCreditorReference(text: string): boolean {
  if (!/^RF[0-9]{2}[0-9A-Z]{1,21}$/.test(text)) return false;
  const digits = [...`${text.slice(4)}${text.slice(0, 4)}`]
    .map((letter) => Number.parseInt(letter, 36))
    .join("");
  return BigInt(digits) % 97n === 1n;
}
