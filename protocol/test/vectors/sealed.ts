/** In how many ways a sealed message and a sealed reply can be wrong. */
import { fromUtf8, type Label, toBase64url, utf8 } from "@chit/protocol";
import { pad, type SealingKey } from "../../src/sealed-message.ts";
import {
  changeLetter,
  flipBit,
  type NegativeVector,
  patched,
  refused,
  spoil,
  writeMessage,
} from "./form.ts";
import { type Stage, sealRaw } from "./stage.ts";

export interface SealedKind {
  readonly purpose: Label;
  readonly key: SealingKey;
  readonly body: Uint8Array;
  readonly plain: Uint8Array;
  /** The sealed part before padding. */
  readonly sealed: Uint8Array;
  readonly block: number;
  /** Patches of the plain part that are `malformed-message` though everything opens. */
  readonly malformedPlain?: Readonly<Record<string, object>>;
  /** The same of the sealed part. */
  readonly malformedSealed?: Readonly<Record<string, object>>;
}

export async function sealedNegatives(stage: Stage, kind: SealedKind): Promise<NegativeVector[]> {
  const { purpose, key, body, plain, sealed, block } = kind;
  const wire = JSON.parse(fromUtf8(body)) as { plain: string; enc: string; ciphertext: string };
  const seal = (plainPart: Uint8Array, padded: Uint8Array, label: Label = purpose, to = key) =>
    sealRaw(stage, label, to, plainPart, padded);
  const padded = pad(sealed, block);
  const failing = (name: string, bytes: Uint8Array, error = "authentication-failed") => ({
    name,
    message: writeMessage(bytes),
    error,
  });
  const otherKid = changeLetter(key.kid, 20);
  const otherPlain = patched(plain, { keyId: otherKid });
  const negatives: NegativeVector[] = [
    ...refused(spoil(body)),
    failing("another enc", patched(body, { enc: changeLetter(wire.enc, 20) })),
    failing("an enc of small order", patched(body, { enc: "A".repeat(43) })),
    failing(
      "another ciphertext",
      patched(body, { ciphertext: changeLetter(wire.ciphertext, 300) }),
    ),
    failing("another tag", patched(body, { ciphertext: changeLetter(wire.ciphertext, 4) })),
    failing("no ciphertext", patched(body, { ciphertext: "" })),
    failing("sealed for another purpose", await seal(plain, padded, "chit/1/token")),
    failing(
      "sealed under another key id",
      await seal(plain, padded, purpose, { ...key, kid: otherKid }),
    ),
    failing("a key that is not held", await seal(otherPlain, padded), "sealing-key-unknown"),
    failing("too large", utf8(fromUtf8(body) + " ".repeat(16_384)), "message-too-large"),
  ];
  for (const [name, bytes] of [
    ...spoil(plain),
    ...Object.entries(kind.malformedPlain ?? {}).map(
      ([name, patch]) => [name, patched(plain, patch)] as const,
    ),
  ]) {
    const spoiled = await seal(bytes, padded);
    negatives.push(failing(`plain part: ${name}`, spoiled, "malformed-message"));
  }
  for (const [name, bytes] of [
    ...spoil(sealed),
    ...Object.entries(kind.malformedSealed ?? {}).map(
      ([name, patch]) => [name, patched(sealed, patch)] as const,
    ),
  ]) {
    const spoiled = await seal(plain, pad(bytes, block));
    negatives.push(failing(`sealed part: ${name}`, spoiled, "malformed-message"));
  }
  const oneMore = new Uint8Array(padded.length + block);
  oneMore.set(padded);
  negatives.push(
    failing("filling that is not zero", await seal(plain, flipBit(padded)), "malformed-message"),
    failing("a block too many", await seal(plain, oneMore), "malformed-message"),
    failing("not padded", await seal(plain, sealed), "malformed-message"),
  );
  return negatives;
}

/** The same for a reply. `reseal` seals any padded content in its place. */
export async function replyNegatives(
  body: Uint8Array,
  content: Uint8Array,
  block: number,
  reseal: (padded: Uint8Array) => Promise<Uint8Array>,
  malformed: Readonly<Record<string, object>>,
): Promise<NegativeVector[]> {
  const { nonce, ciphertext } = JSON.parse(fromUtf8(body)) as { nonce: string; ciphertext: string };
  const failing = (name: string, bytes: Uint8Array, error = "authentication-failed") => ({
    name,
    message: writeMessage(bytes),
    error,
  });
  const negatives: NegativeVector[] = [
    ...refused(spoil(body)),
    failing("another nonce", patched(body, { nonce: changeLetter(nonce, 10) })),
    failing(
      "a nonce of 12 bytes",
      patched(body, { nonce: toBase64url(new Uint8Array(12)) }),
      "malformed-message",
    ),
    failing("another ciphertext", patched(body, { ciphertext: changeLetter(ciphertext, 300) })),
    failing("no ciphertext", patched(body, { ciphertext: "" })),
    failing("too large", utf8(fromUtf8(body) + " ".repeat(65_536)), "message-too-large"),
    ...["request", "enc", "responseSecret"].map((name) => ({
      name: `for another ${name}`,
      context: { [name]: name === "request" ? "{}" : "11".repeat(name === "enc" ? 32 : 16) },
      message: writeMessage(body),
      error: "authentication-failed",
    })),
  ];
  for (const [name, bytes] of [
    ...spoil(content),
    ...Object.entries(malformed).map(([name, patch]) => [name, patched(content, patch)] as const),
  ]) {
    negatives.push(
      failing(`content: ${name}`, await reseal(pad(bytes, block)), "malformed-message"),
    );
  }
  negatives.push(failing("not padded", await reseal(content), "malformed-message"));
  return negatives;
}
