/** Vectors of the signed documents. */
import {
  createApplication,
  createVerdict,
  DOCUMENT_TYPES,
  type DocumentType,
  fromBase64url,
  fromUtf8,
  SUITE,
  toBase64url,
  utf8,
} from "@chit/protocol";
import type { NodeSigner } from "@chit/protocol/node";
import { NOW } from "../fixture.ts";
import {
  changeLetter,
  hex,
  type Json,
  type JsonObject,
  type NegativeVector,
  patched,
  spoil,
  type VectorFile,
} from "./form.ts";
import { operate } from "./operations.ts";
import { issuerContext, type Stage, signRaw, subjectContext } from "./stage.ts";

const YEAR = 31_536_000;

interface DocumentKind {
  readonly type: DocumentType;
  readonly describes: string;
  readonly signer: NodeSigner;
  readonly document: string;
  readonly context: JsonObject;
  /** Fields with values that are refused though the signature verifies: all `malformed-message`. */
  readonly malformed: Readonly<Record<string, object>>;
  /** The same, with another code. */
  readonly refused: Readonly<Record<string, { patch: object; error: string }>>;
  readonly contexts: Readonly<Record<string, { context: JsonObject; error: string }>>;
}

const payloadOf = (document: string) => fromBase64url(document.split(".")[1] as string);
const headerOf = (document: string) => fromUtf8(fromBase64url(document.split(".")[0] as string));

/** Everything that is refused for every type of document. */
function spoiledDocuments({ type, signer, document }: DocumentKind): NegativeVector[] {
  const [header, payload, signature] = document.split(".") as [string, string, string];
  const text = headerOf(document);
  const resign = (headerText: string) => signRaw(signer, headerText, payloadOf(document));
  const otherType = Object.values(DOCUMENT_TYPES).find((other) => other !== type) as string;
  const otherKid = changeLetter(signer.kid, 20);
  const headers: readonly (readonly [string, string, string])[] = [
    ["alg none", text.replace('"EdDSA"', '"none"'), "malformed-message"],
    ["alg HS256", text.replace('"EdDSA"', '"HS256"'), "malformed-message"],
    ["typ JWT", text.replace(type, "JWT"), "malformed-message"],
    ["typ of another document", text.replace(type, otherType), "document-type-wrong"],
    ["kid of another key", text.replace(signer.kid, otherKid), "signing-key-unknown"],
    ["kid too short", text.replace(signer.kid, signer.kid.slice(1)), "malformed-message"],
    ["crit in the header", `${text.slice(0, -1)},"crit":["x"]}`, "malformed-message"],
    ["jwk in the header", `${text.slice(0, -1)},"jwk":{}}`, "malformed-message"],
    ["white space in the header", text.replace("{", "{ "), "malformed-message"],
    ["doubled alg", text.replace("{", '{"alg":"none",'), "malformed-message"],
  ];
  const texts: readonly (readonly [string, string, string])[] = [
    [
      "signature changed",
      `${header}.${payload}.${changeLetter(signature, 40)}`,
      "authentication-failed",
    ],
    ["signature cut", document.slice(0, -1), "malformed-message"],
    ["signature empty", `${header}.${payload}.`, "authentication-failed"],
    [
      "signature of 63 bytes",
      `${header}.${payload}.${toBase64url(fromBase64url(signature).slice(1))}`,
      "authentication-failed",
    ],
    ["S not reduced", `${header}.${payload}.${addOrder(signature)}`, "authentication-failed"],
    [
      "tail bit of the signature",
      `${document.slice(0, -1)}${tailBit(document)}`,
      "malformed-message",
    ],
    ["two parts", `${header}.${payload}`, "malformed-message"],
    ["four parts", `${document}.`, "malformed-message"],
    ["padding behind", `${document}=`, "malformed-message"],
    ["line feed behind", `${document}\n`, "malformed-message"],
    ["too large", document + "A".repeat(65_536), "message-too-large"],
  ];
  return [
    ...headers.map(([name, value, error]) => ({ name, message: { text: resign(value) }, error })),
    ...texts.map(([name, value, error]) => ({ name, message: { text: value }, error })),
  ];
}

/** The last character with a bit set that stands for nothing. */
const tailBit = (document: string) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(document.at(-1) as string) ^ 1] as string;
};

/** The signature with S + L in place of S: the same equation, another text. */
function addOrder(signature: string): string {
  const bytes = fromBase64url(signature);
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const s = BigInt(`0x${hex(bytes.slice(32).reverse())}`) + order;
  const raised = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
  return toBase64url(Uint8Array.from([...bytes.slice(0, 32), ...raised]));
}

async function documentFile(stage: Stage, kind: string, about: DocumentKind): Promise<VectorFile> {
  const payload = payloadOf(about.document);
  const header = headerOf(about.document);
  const sign = (bytes: Uint8Array) => signRaw(about.signer, header, bytes);
  const message = { text: about.document };
  const bytes = utf8(about.document);
  return {
    kind,
    describes: about.describes,
    context: about.context,
    positive: [
      {
        name: "as the issuer makes it",
        intermediate: {
          header,
          payload: fromUtf8(payload),
          publicKey: hex(about.signer.publicKey),
          signature: hex(fromBase64url(about.document.split(".")[2] as string)),
        },
        message,
        result: await operate(kind, stage.world.crypto, about.context, bytes),
      },
    ],
    negative: [
      ...spoiledDocuments(about),
      ...spoil(payload).map(([name, spoiled]) => ({
        name: `payload: ${name}`,
        message: { text: sign(spoiled) },
        error: "malformed-message",
      })),
      ...Object.entries(about.malformed).map(([name, patch]) => ({
        name,
        message: { text: sign(patched(payload, patch)) },
        error: "malformed-message",
      })),
      ...Object.entries(about.refused).map(([name, { patch, error }]) => ({
        name,
        message: { text: sign(patched(payload, patch)) },
        error,
      })),
      ...Object.entries(about.contexts).map(([name, { context, error }]) => ({
        name,
        context,
        message,
        error,
      })),
    ],
  };
}

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
  const { merchantId, transactionNumber, currency, scale } = world.quoteInput;
  const order = { issuer: "https://tps.example", merchantId, transactionNumber, currency, scale };
  const document = await createVerdict(
    world.tpsSigner,
    verdict,
    { ...order, amount: 135_000n, quoteHash: stage.quoteHash },
    stage.id("payment"),
    NOW,
  );
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

export async function documentFiles(stage: Stage): Promise<Record<string, VectorFile | Json>> {
  const kinds: Readonly<Record<string, DocumentKind>> = {
    "key-list": keyListKind(stage),
    "merchant-certificate": certificateKind(stage),
    "merchant-application": await applicationKind(stage),
    "proof-of-payment": await verdictKind(stage, "proof"),
    "denial-of-payment": await verdictKind(stage, "denial"),
  };
  const files: Record<string, VectorFile | Json> = {};
  for (const [kind, about] of Object.entries(kinds)) {
    files[kind] = await documentFile(stage, kind, about);
  }
  return files;
}
