/** Vectors of the signed documents. */
import {
  createApplication,
  createRefundOrder,
  DOCUMENT_TYPES,
  fromUtf8,
  SUITE,
  toBase64url,
} from "@chit/protocol";
import { NOW } from "../fixture.ts";
import { hex, type Json, type VectorFile } from "./form.ts";
import { type DocumentKind, documentFile, payloadOf } from "./signed.ts";
import { issuerContext, type Stage, subjectContext, verdictOn } from "./stage.ts";

const YEAR = 31_536_000;

function keyListKind(stage: Stage): DocumentKind {
  const { world } = stage;
  const list = JSON.parse(fromUtf8(payloadOf(world.keyListDocument)));
  const [signing] = list.signingKeys;
  return {
    type: DOCUMENT_TYPES.keyList,
    describes: "Section 5: the issuer's key list, verified under its root key.",
    signer: world.root,
    document: world.keyListDocument,
    context: { rootKey: hex(world.root.publicKey), now: NOW, known: 0 },
    malformed: {
      "iss with a slash": { iss: "https://tps.example/" },
      "iss over http": { iss: "http://tps.example" },
      "sequence 0": { sequence: 0 },
      "no signing key": { signingKeys: [] },
      "a signing key of 31 bytes": { signingKeys: [{ ...signing, publicKey: "A".repeat(42) }] },
      "a signing key with a private part": { signingKeys: [{ ...signing, d: "A".repeat(43) }] },
      "another suite": { sealingKeys: [{ ...list.sealingKeys[0], suite: "0010-0001-0001" }] },
      "a signing key under another id": { signingKeys: [{ ...signing, kid: "A".repeat(43) }] },
      "a sealing key under another id": {
        sealingKeys: [{ ...list.sealingKeys[0], kid: signing.kid }],
      },
      "scale 9": { scale: 9 },
      "currency in small letters": { currency: "eur" },
      "time with a fraction": { iat: NOW - 0.5 },
    },
    refused: {
      "dated in the future": { patch: { iat: NOW + 301 }, error: "not-yet-valid" },
      "out of date": { patch: { exp: NOW - 301 }, error: "expired" },
    },
    contexts: {
      "an older sequence than the one held": { context: { known: 4 }, error: "key-list-older" },
      "another root key": {
        context: { rootKey: hex(world.tpsSigner.publicKey) },
        error: "signing-key-unknown",
      },
    },
  };
}

function certificateKind(stage: Stage): DocumentKind {
  const { world } = stage;
  return {
    type: DOCUMENT_TYPES.certificate,
    describes: "Section 5: a merchant certificate, verified under the key list.",
    signer: world.tpsSigner,
    document: world.certificate,
    context: issuerContext(stage),
    malformed: {
      "no origin": { origins: [] },
      "an origin with a path": { origins: ["https://shop.example/shop"] },
      "an origin in capitals": { origins: ["https://Shop.example"] },
      "an origin with a user": { origins: ["https://me@shop.example"] },
      "a blank name": { name: " " },
      "a name with a direction override": { name: "Paper\u202e knI" },
      "a name with a control": { name: "Paper\u0007" },
      "a name of 81 characters": { name: "x".repeat(81) },
      "a merchant id of 15 bytes": { merchantId: "A".repeat(20) },
      "a merchant id with tail bits": { merchantId: `${"A".repeat(21)}B` },
    },
    refused: {
      "not yet valid": { patch: { nbf: NOW + 301 }, error: "not-yet-valid" },
      "out of date": { patch: { exp: NOW - 1 }, error: "expired" },
      "good for more than 400 days": {
        patch: { exp: NOW - 1_000 + 34_560_001 },
        error: "malformed-message",
      },
      "another issuer": { patch: { iss: "https://other.example" }, error: "transaction-mismatch" },
      "dated before its key": { patch: { iat: NOW - YEAR - 301 }, error: "expired" },
      "another currency than the issuer's": {
        patch: { currency: "USD" },
        error: "quote-inconsistent",
      },
    },
    contexts: {},
  };
}

async function applicationKind({ world }: Stage): Promise<DocumentKind> {
  const document = await createApplication(world.merchantSigner, {
    v: 1,
    iat: NOW,
    name: "Paper & Ink",
    origins: ["https://shop.example"],
    contact: "orders@shop.example",
    suite: SUITE,
    sealingKey: toBase64url(world.merchantKey.publicRaw),
    signingKey: toBase64url(world.merchantSigner.publicKey),
  });
  return {
    type: DOCUMENT_TYPES.application,
    describes: "Section 5: a merchant application, signed by the key that it names.",
    signer: world.merchantSigner,
    document,
    context: {},
    malformed: { "another suite": { suite: "0010-0001-0001" } },
    refused: {
      "a key that did not sign": {
        patch: { signingKey: toBase64url(world.device.publicKey) },
        error: "signing-key-unknown",
      },
    },
    contexts: {},
  };
}

async function verdictKind(stage: Stage, verdict: "proof" | "denial"): Promise<DocumentKind> {
  const { world } = stage;
  const document = await verdictOn(stage, verdict);
  const mismatch = (patch: object) => ({ patch, error: "transaction-mismatch" });
  return {
    type: DOCUMENT_TYPES[verdict],
    describes: `Section 5: a ${verdict}-of-payment, verified for one transaction.`,
    signer: world.tpsSigner,
    document,
    context: { ...issuerContext(stage), ...subjectContext(stage) },
    malformed: {
      "amount 0": { amount: "0" },
      "a negative amount": { amount: "-135000" },
      "an amount as a number": { amount: 135_000 },
      "an amount with a leading zero": { amount: "0135000" },
      "an account in it": { accountId: stage.id("account") },
    },
    refused: {
      "another issuer": mismatch({ iss: "https://other.example" }),
      "another merchant": mismatch({ merchantId: stage.id("other") }),
      "another transaction": mismatch({ transactionNumber: stage.id("other") }),
      "another amount": mismatch({ amount: "134999" }),
      "another currency": mismatch({ currency: "USD" }),
      "another scale": mismatch({ scale: 2 }),
      "another quote": mismatch({ quoteHash: toBase64url(stage.bytes("other", 32)) }),
      "dated after its key": { patch: { iat: NOW + YEAR + 301 }, error: "expired" },
    },
    contexts: {},
  };
}

async function refundOrderKind(stage: Stage): Promise<DocumentKind> {
  const { world } = stage;
  const { merchantId, transactionNumber, currency, scale } = world.quoteInput;
  const document = await createRefundOrder(world.merchantSigner, {
    iss: merchantId,
    aud: "https://tps.example",
    jti: stage.id("refund order"),
    iat: NOW,
    transactionNumber,
    refunded: 45_000n,
    of: 135_000n,
    currency,
    scale,
  });
  return {
    type: DOCUMENT_TYPES.refundOrder,
    describes: "Section 5: a refund order, verified under the merchant's signing key.",
    signer: world.merchantSigner,
    document,
    context: { signingKey: hex(world.merchantSigner.publicKey) },
    malformed: {
      "nothing given back": { refunded: "0" },
      "more than all given back": { refunded: "135001" },
      "a negative share": { refunded: "-1" },
      "a price of 0": { refunded: "0", of: "0" },
      "an amount as a number": { refunded: 45_000 },
      "a payment in it": { paymentId: stage.id("payment") },
      "an audience with a path": { aud: "https://tps.example/" },
    },
    refused: {},
    contexts: {
      "another merchant's key": {
        context: { signingKey: hex(world.device.publicKey) },
        error: "signing-key-unknown",
      },
    },
  };
}

export async function documentFiles(stage: Stage): Promise<Record<string, VectorFile | Json>> {
  const kinds: Readonly<Record<string, DocumentKind>> = {
    "key-list": keyListKind(stage),
    "merchant-certificate": certificateKind(stage),
    "merchant-application": await applicationKind(stage),
    "proof-of-payment": await verdictKind(stage, "proof"),
    "denial-of-payment": await verdictKind(stage, "denial"),
    "refund-order": await refundOrderKind(stage),
  };
  const files: Record<string, VectorFile | Json> = {};
  for (const [kind, about] of Object.entries(kinds)) {
    files[kind] = await documentFile(stage, kind, about);
  }
  return files;
}
