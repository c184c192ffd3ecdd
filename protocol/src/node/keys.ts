/** Key pairs and signatures with node:crypto, for servers. Private keys are raw seeds of 32 bytes. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import type { OpeningKey, ProtocolCrypto, Signer } from "../crypto.ts";
import { keyId } from "../jws.ts";

const ED25519_PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const ED25519_SPKI_BYTES = 44;
const RAW_BYTES = 32;

/** A signing key in use, with its public half. */
export interface NodeSigner extends Signer {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** The Ed25519 signer of a private key (32 bytes, RFC 8032). */
export function nodeSigner(privateKey: Uint8Array): NodeSigner {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_PREFIX, privateKey]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const publicKey = Uint8Array.from(spki.subarray(ED25519_SPKI_BYTES - RAW_BYTES));
  return { kid: keyId(publicKey), publicKey, sign: (message) => sign(null, message, key) };
}

/** An HPKE key in use, with its public half. */
export interface NodeOpeningKey extends OpeningKey {
  /** X25519, 32 bytes. */
  readonly publicRaw: Uint8Array;
}

/** The HPKE opening key of a private key (32 bytes). `crypto` is the suite that will use it. */
export async function nodeOpeningKey(
  crypto: ProtocolCrypto,
  privateKey: Uint8Array,
): Promise<NodeOpeningKey> {
  const key = await crypto.suite.DeserializePrivateKey(privateKey, true);
  const { publicRaw } = key as unknown as { publicRaw: Uint8Array };
  return {
    keyId: keyId(publicRaw, "X25519"),
    privateKey: key,
    publicKey: await crypto.suite.DeserializePublicKey(publicRaw),
    publicRaw,
  };
}
