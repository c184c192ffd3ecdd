/**
 * The receiver's side of HPKE base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM, synchronous on
 * node:crypto. A payment server opens thousands of messages a second; `hpke` by itself takes three times as long for
 * each, most of it promises around primitives of a few microseconds.
 */
import { diffieHellman } from "node:crypto";
import { hkdfSha256, hmacSha256 } from "#hashes";
import { concatBytes, utf8 } from "../bytes.ts";
import type { OpeningKey, RecipientContext } from "../crypto.ts";
import { open } from "./aes-gcm.ts";
import { NodeKey } from "./hpke-key.ts";
import { publicKeyFromRaw } from "./public-key.ts";

const NONE = new Uint8Array();
const KEM = concatBytes(utf8("KEM"), Uint8Array.of(0x00, 0x20));
const HPKE = concatBytes(utf8("HPKE"), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x01));
const SHARED_SECRET_BYTES = 32;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
const HASH_BYTES = 32;
const MODE_BASE = Uint8Array.of(0x00);

/** `labeled_ikm` and the beginning of `labeled_info`, section 4. */
const labelled = (suite: Uint8Array, label: string): Uint8Array =>
  concatBytes(utf8("HPKE-v1"), suite, utf8(label));

const expanding = (suite: Uint8Array, label: string, length: number): Uint8Array =>
  concatBytes(Uint8Array.of(length >> 8, length & 0xff), labelled(suite, label));

const EAE_PRK = labelled(KEM, "eae_prk");
const SHARED_SECRET = expanding(KEM, "shared_secret", SHARED_SECRET_BYTES);
const INFO_HASH = labelled(HPKE, "info_hash");
/** There is no pre-shared key in base mode. */
const PSK_ID_HASH = hmacSha256(NONE, labelled(HPKE, "psk_id_hash"));
const SECRET = labelled(HPKE, "secret");
const KEY = expanding(HPKE, "key", KEY_BYTES);
const BASE_NONCE = expanding(HPKE, "base_nonce", NONCE_BYTES);
const EXPORTER_SECRET = expanding(HPKE, "exp", HASH_BYTES);
const BLOCK_ONE = Uint8Array.of(1);

/**
 * The shared secret of `ours` and `theirs`: ExtractAndExpand of section 4.1.
 *
 * @throws {Error} when they agree on nothing: OpenSSL refuses an all-zero agreement, as section 7.1.4 asks
 */
export function agree(
  ours: NodeKey,
  theirs: NodeKey,
  enc: Uint8Array,
  recipientRaw: Uint8Array,
): Uint8Array {
  const dh = diffieHellman({ privateKey: ours.object, publicKey: theirs.object });
  const info = concatBytes(SHARED_SECRET, enc, recipientRaw);
  return hkdfSha256(concatBytes(EAE_PRK, dh), NONE, info, SHARED_SECRET_BYTES);
}

/** Decap of section 4.1. @throws {Error} when `enc` is no public key, or one of the few that agree on nothing */
export function decapsulate(enc: Uint8Array, privateKey: NodeKey): Uint8Array {
  const sender = new NodeKey("public", publicKeyFromRaw("X25519", enc), enc);
  return agree(privateKey, sender, enc, privateKey.publicRaw);
}

/** SetupBaseR of section 5.1.1. @throws {Error} as {@link decapsulate} */
export function setUpRecipient(
  { privateKey }: OpeningKey,
  enc: Uint8Array,
  info: Uint8Array,
): RecipientContext {
  if (!(privateKey instanceof NodeKey)) throw new TypeError("The key is of another suite.");
  const shared = decapsulate(enc, privateKey);
  const context = concatBytes(
    MODE_BASE,
    PSK_ID_HASH,
    hmacSha256(NONE, concatBytes(INFO_HASH, info)),
  );
  // One call extracts `secret` and expands it; three calls cost less than extraction and expansion apart.
  const derive = (label: Uint8Array, length: number) =>
    hkdfSha256(SECRET, shared, concatBytes(label, context), length);
  const key = derive(KEY, KEY_BYTES);
  // The sequence number is 0: one message a context.
  const nonce = derive(BASE_NONCE, NONCE_BYTES);
  const exporterSecret = derive(EXPORTER_SECRET, HASH_BYTES);
  return {
    open: (ciphertext, aad) => open(key, nonce, aad, ciphertext),
    export(exporterContext, length) {
      if (length > HASH_BYTES) throw new RangeError(`At most ${HASH_BYTES} bytes are exported.`);
      const label = expanding(HPKE, "sec", length);
      // HKDF-Expand of one block (RFC 5869 section 2.3).
      return hmacSha256(exporterSecret, concatBytes(label, exporterContext, BLOCK_ONE)).slice(
        0,
        length,
      );
    },
  };
}
