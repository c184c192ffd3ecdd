/** The cryptography that is passed in, so that servers use node:crypto and wallets noble and WebCrypto. */
import type { AEAD, CipherSuite, Key } from "hpke";

/** HPKE suite of this version by its registry numbers: X25519, HKDF-SHA256, AES-128-GCM (RFC 9180 section 7). */
export const SUITE = "0020-0001-0001";

type MaybeLater<T> = Promise<T> | T;

/** An HPKE context in the hands of the receiver, for one message. */
export interface RecipientContext {
  /** Opens the message (RFC 9180 section 5.2). @throws {Error} when it was changed */
  open(ciphertext: Uint8Array, aad: Uint8Array): MaybeLater<Uint8Array>;
  /** Exports a secret of at most 32 bytes (RFC 9180 section 5.3). */
  export(exporterContext: Uint8Array, length: number): MaybeLater<Uint8Array>;
}

/** What the protocol needs of its surroundings. `nodeCrypto` and `nobleCrypto` provide it. */
export interface ProtocolCrypto {
  /** The HPKE suite {@link SUITE}: the sender's side, and keys. */
  readonly suite: CipherSuite;
  /**
   * The receiver's side: a context of base mode (RFC 9180 section 5.1.1).
   *
   * @param enc the sender's encapsulated secret, 32 bytes
   * @throws {Error} when `enc` is no X25519 key, or one of the few that agree on nothing
   */
  setUpRecipient(key: OpeningKey, enc: Uint8Array, info: Uint8Array): MaybeLater<RecipientContext>;
  /** The same suite's AEAD, for replies (RFC 9458 section 4.4). */
  readonly aead: Readonly<AEAD>;
  /** Strict Ed25519 verification (RFC 8032 without cofactor): false for anything malformed, never throws. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** `length` bytes that nobody can predict. */
  randomBytes(length: number): Uint8Array;
}

/** A private Ed25519 key in use. It may live in a key store that never gives it out. */
export interface Signer {
  /** Names the key to verifiers: the JWK thumbprint, see `keyId`. */
  readonly kid: string;
  /** 64 bytes (RFC 8032). */
  sign(message: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/** A private HPKE key in use. */
export interface OpeningKey {
  readonly keyId: string;
  readonly privateKey: Key;
  /** Given as well, the public key need not be computed again for every message. */
  readonly publicKey: Key;
}
