// PROTOCOL.md, section 4: HPKE, sealed messages, replies.
import { demand, fail, fromBase64url, unpad, utf8 } from "./bytes.mjs";
import {
  gcmOpen,
  hash,
  hkdfExpand,
  hkdfExtract,
  keyId,
  LABEL,
  SUITE,
  transcript,
  x25519,
  x25519PublicOf,
} from "./crypto.mjs";

// HPKE, RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.

const KEM = Buffer.concat([utf8("KEM"), Buffer.of(0x00, 0x20)]);
const HPKE = Buffer.concat([utf8("HPKE"), Buffer.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x01)]);
const NONE = Buffer.alloc(0);

/**
 * @param {Buffer} suite
 * @param {Uint8Array} salt
 * @param {string} label
 * @param {Uint8Array} ikm
 */
const labeledExtract = (suite, salt, label, ikm) =>
  hkdfExtract(salt, Buffer.concat([utf8("HPKE-v1"), suite, utf8(label), ikm]));

/**
 * @param {Buffer} suite
 * @param {Uint8Array} prk
 * @param {string} label
 * @param {Uint8Array} info
 * @param {number} length
 */
function labeledExpand(suite, prk, label, info, length) {
  const size = Buffer.of(length >> 8, length & 255);
  const all = Buffer.concat([size, utf8("HPKE-v1"), suite, utf8(label), info]);
  return hkdfExpand(prk, all, length);
}

/**
 * SetupBaseR. `open` is for sequence number 0, the only one this protocol uses.
 * @param {Uint8Array} privateKey
 * @param {Uint8Array} enc
 * @param {Uint8Array} info
 */
export function hpkeReceive(privateKey, enc, info) {
  let dh = NONE;
  try {
    dh = x25519(privateKey, enc);
  } catch {
    fail("HPKE: no shared secret with this encapsulated key");
  }
  demand(
    dh.some((byte) => byte !== 0),
    "HPKE: the shared secret is zero",
  );
  const eaePrk = labeledExtract(KEM, NONE, "eae_prk", dh);
  const kemContext = Buffer.concat([enc, x25519PublicOf(privateKey)]);
  const sharedSecret = labeledExpand(KEM, eaePrk, "shared_secret", kemContext, 32);
  const context = Buffer.concat([
    Buffer.of(0), // mode_base
    labeledExtract(HPKE, NONE, "psk_id_hash", NONE),
    labeledExtract(HPKE, NONE, "info_hash", info),
  ]);
  const secret = labeledExtract(HPKE, sharedSecret, "secret", NONE);
  const key = labeledExpand(HPKE, secret, "key", context, 16);
  const nonce = labeledExpand(HPKE, secret, "base_nonce", context, 12);
  const exporter = labeledExpand(HPKE, secret, "exp", context, 32);
  return {
    /**
     * @param {Uint8Array} aad
     * @param {Uint8Array} ciphertext
     */
    open: (aad, ciphertext) => gcmOpen("aes-128-gcm", key, nonce, aad, ciphertext),
    /**
     * @param {string} exporterContext
     * @param {number} length
     */
    export: (exporterContext, length) =>
      labeledExpand(HPKE, exporter, "sec", utf8(exporterContext), length),
  };
}

/**
 * Opens a sealed message (section 4), whose fields and plain part were checked before.
 * @param {{ plain: string, enc: string, ciphertext: string }} message
 * @param {string} purpose
 * @param {Uint8Array} privateKey
 * @param {number} block
 */
export function openSealed(message, purpose, privateKey, block) {
  const plain = fromBase64url(message.plain);
  const enc = fromBase64url(message.enc, 32);
  const id = keyId("X25519", x25519PublicOf(privateKey));
  const context = hpkeReceive(privateKey, enc, transcript(LABEL.hpkeInfo, purpose, SUITE, id));
  const padded = context.open(plain, fromBase64url(message.ciphertext));
  return { plain, enc, padded, content: unpad(padded, block), export: context.export };
}

/**
 * Opens a reply (section 4).
 * @param {{ nonce: string, ciphertext: string }} reply
 * @param {{ secret: Uint8Array, enc: Uint8Array, request: Uint8Array }} to
 * @param {[request: string, response: string]} labels
 * @param {number} block
 */
export function openReply(reply, { secret, enc, request }, labels, block) {
  const prk = hkdfExtract(Buffer.concat([enc, fromBase64url(reply.nonce, 16)]), secret);
  const key = hkdfExpand(prk, utf8("key"), 16);
  const nonce = hkdfExpand(prk, utf8("nonce"), 12);
  const aad = transcript(labels[1], hash(labels[0], request));
  return unpad(gcmOpen("aes-128-gcm", key, nonce, aad, fromBase64url(reply.ciphertext)), block);
}
