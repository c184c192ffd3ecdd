/** A quote that decodes, for tests of what keeps sales. */
import { createQuote, fromUtf8, toBase64url } from "@chit/protocol";

/** Its text. `amount` in smallest units. */
export function someQuote(amount = 49_000n): string {
  const id = () => toBase64url(new Uint8Array(16));
  const endpoint = "https://shop.example/chit";
  const body = createQuote({
    v: 1,
    type: "quote",
    merchantId: id(),
    transactionNumber: id(),
    salt: id(),
    amount: `${amount}`,
    currency: "EUR",
    scale: 4,
    lines: [{ description: "A book", quantity: 1, amount: `${amount}` }],
    kind: "digital",
    addressRequired: false,
    loyalty: false,
    issuedAt: 1_000,
    expiresAt: 1_900,
    issuers: ["https://tps.example"],
    certificate: `${"a".repeat(40)}.${"b".repeat(40)}.${"c".repeat(86)}`,
    sessionUrl: `${endpoint}/session`,
    proofUrl: `${endpoint}/proof`,
    recoveryUrl: `${endpoint}/recovery`,
  });
  return fromUtf8(body);
}
