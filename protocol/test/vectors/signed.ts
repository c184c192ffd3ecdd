/** In how many ways a signed document can be wrong. */
import {
  DOCUMENT_TYPES,
  type DocumentType,
  fromBase64url,
  fromUtf8,
  toBase64url,
  utf8,
} from "@chit/protocol";
import type { NodeSigner } from "@chit/protocol/node";
import {
  changeLetter,
  hex,
  type JsonObject,
  type NegativeVector,
  patched,
  spoil,
  type VectorFile,
} from "./form.ts";
import { operate } from "./operations.ts";
import { type Stage, signRaw } from "./stage.ts";

export interface DocumentKind {
  readonly type: DocumentType;
  readonly describes: string;
  readonly signer: NodeSigner;
  readonly document: string;
  /** Characters that it may have, the most of any document unless told; null: no vector of a longer one. */
  readonly mostBytes?: number | null;
  readonly context: JsonObject;
  /** Fields with values that are refused though the signature verifies: all `malformed-message`. */
  readonly malformed: Readonly<Record<string, object>>;
  /** The same, with another code. */
  readonly refused: Readonly<Record<string, { patch: object; error: string }>>;
  readonly contexts: Readonly<Record<string, { context: JsonObject; error: string }>>;
}

export const payloadOf = (document: string) => fromBase64url(document.split(".")[1] as string);
const headerOf = (document: string) => fromUtf8(fromBase64url(document.split(".")[0] as string));

/** Everything that is refused for every type of document. */
function spoiledDocuments({
  type,
  signer,
  document,
  mostBytes = 65_536,
}: DocumentKind): NegativeVector[] {
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
  ];
  const tooLarge: typeof texts =
    mostBytes === null
      ? []
      : [["too large", document + "A".repeat(mostBytes), "message-too-large"]];
  return [
    ...headers.map(([name, value, error]) => ({ name, message: { text: resign(value) }, error })),
    ...[...texts, ...tooLarge].map(([name, value, error]) => ({
      name,
      message: { text: value },
      error,
    })),
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

export async function documentFile(
  stage: Stage,
  kind: string,
  about: DocumentKind,
): Promise<VectorFile> {
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
