import { concatBytes, toBase64url, utf8 } from "@chit/protocol";
import { NOW, SHOP } from "../fixture.ts";
import { type JsonObject, patched, refused, spoil, type VectorFile, writeMessage } from "./form.ts";
import { operate } from "./operations.ts";
import { issuerContext, type Stage } from "./stage.ts";

export async function quoteFile(stage: Stage): Promise<VectorFile> {
  const { world } = stage;
  const body = world.quoteBody;
  const context = { ...issuerContext(stage), pageOrigin: SHOP };
  const line = { description: "Mug", quantity: 1, amount: "135000" };
  const malformed: Readonly<Record<string, object>> = {
    "version 2": { v: 2 },
    "version as text": { v: "1" },
    "another type": { type: "invoice" },
    "a salt of 15 bytes": { salt: toBase64url(new Uint8Array(15)) },
    "a salt of 17 bytes": { salt: toBase64url(new Uint8Array(17)) },
    "amount 0": { amount: "0" },
    "a negative amount": { amount: "-1" },
    "an amount with a fraction": { amount: "135000.0" },
    "an amount with an exponent": { amount: "135e3" },
    "an amount in Arabic digits": { amount: "٣" },
    "an amount out of range": { amount: "9223372036854775808" },
    "a currency in small letters": { currency: "eur" },
    "scale -1": { scale: -1 },
    "scale 1.5": { scale: 1.5 },
    "no line": { lines: [] },
    "101 lines": { lines: Array(101).fill({ ...line, amount: "0" }) },
    "a line with an unknown field": { lines: [{ ...line, sku: "1" }] },
    "a line with quantity 0": { lines: [{ ...line, quantity: 0 }] },
    "a line with a direction override": { lines: [{ ...line, description: "a\u202eb" }] },
    "a line with a character of no width": { lines: [{ ...line, description: "a\u200bb" }] },
    "a line of 201 characters": { lines: [{ ...line, description: "x".repeat(201) }] },
    "another kind": { kind: "service" },
    "a session URL over http": { sessionUrl: "http://shop.example/chit/session" },
    "a session URL with a user": { sessionUrl: "https://me:you@shop.example/chit/session" },
    "a session URL with a fragment": { sessionUrl: `${SHOP}/chit/session#x` },
    "a session URL with a space": { sessionUrl: `${SHOP}/chit/ session` },
    "a javascript URL": { proofUrl: "javascript:alert(1)" },
    "11 issuers": { issuers: Array(11).fill("https://tps.example") },
  };
  const others: readonly (readonly [string, object, string])[] = [
    ["lines that add up to less", { amount: "135001" }, "quote-inconsistent"],
    ["expires before it begins", { expiresAt: NOW }, "quote-inconsistent"],
    ["lives longer than a day", { expiresAt: NOW + 86_401 }, "quote-inconsistent"],
    ["an address for digital goods", { kind: "digital" }, "quote-inconsistent"],
    ["another issuer", { issuers: ["https://other.example"] }, "issuer-not-accepted"],
    ["another merchant", { merchantId: stage.id("other") }, "merchant-mismatch"],
    ["another currency", { currency: "USD" }, "quote-inconsistent"],
    ["another scale", { scale: 2 }, "quote-inconsistent"],
    ["session elsewhere", { sessionUrl: "https://evil.example/session" }, "origin-not-certified"],
    ["proof elsewhere", { proofUrl: "https://evil.example/proof" }, "origin-not-certified"],
    [
      "recovery elsewhere",
      { recoveryUrl: "https://evil.example/recovery" },
      "origin-not-certified",
    ],
    ["a proof for a certificate", { certificate: changedType(stage) }, "document-type-wrong"],
    ["issued in the future", { issuedAt: NOW + 301 }, "not-yet-valid"],
  ];
  const at = (name: string, override: JsonObject, error: string) => ({
    name,
    context: override,
    message: writeMessage(body),
    error,
  });
  return {
    kind: "quote",
    describes: "Step 2: a quote, as the CTS verifies it.",
    context,
    positive: [
      {
        name: "a mug and something to download",
        message: writeMessage(body),
        result: await operate("quote", world.crypto, context, body),
      },
    ],
    negative: [
      ...refused(spoil(body)),
      ...refused(Object.entries(malformed).map(([name, patch]) => [name, patched(body, patch)])),
      ...others.map(([name, patch, error]) => ({
        name,
        message: writeMessage(patched(body, patch)),
        error,
      })),
      at("expired", { now: NOW + 901 }, "expired"),
      at("another page", { pageOrigin: "https://evil.example" }, "origin-not-certified"),
      at("a page of another port", { pageOrigin: `${SHOP}:8443` }, "origin-not-certified"),
      {
        name: "too large",
        message: writeMessage(concatBytes(body, utf8(" ".repeat(65_536)))),
        error: "message-too-large",
      },
    ],
  };
}

/** The certificate with its header naming it a proof; its signature is no longer right either. */
function changedType({ world }: Stage): string {
  const [, payload, signature] = world.certificate.split(".");
  const header = { alg: "EdDSA", typ: "chit-proof-of-payment+jwt", kid: world.tpsSigner.kid };
  return `${toBase64url(utf8(JSON.stringify(header)))}.${payload}.${signature}`;
}
