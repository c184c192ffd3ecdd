// PROTOCOL.md, section 8, notarization: Merkle trees (RFC 9162), signed notes, checkpoints, the file of a notarization.
import { demand, fail, fromBase64url, parseCompactJson, u64, utf8 } from "./bytes.mjs";
import { ed25519Verify, hash, LABEL, same, sha256 } from "./crypto.mjs";
import { SKEW, verifyIssued, verifyKeyList } from "./documents.mjs";
import * as schema from "./schema.mjs";
import * as shop from "./shop.mjs";

const MOST_CHECKPOINT = 262144;
const MOST_NOTARIZATION = 524288;
const MOST_SIGNATURES = 32;

/** @param {Uint8Array[]} parts */
const joined = (...parts) => sha256(Buffer.concat(parts));
/** @param {Uint8Array} entry */
const leafHash = (entry) => joined(Buffer.of(0), entry);
/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
const nodeHash = (left, right) => joined(Buffer.of(1), left, right);

/**
 * Base64 with padding, strict; section 2's base64url is something else.
 * @param {string} text
 */
function fromBase64(text) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) fail("not strict base64");
  return bytes;
}

/**
 * The root that a leaf and its path give in a tree of that size, by the tree's definition: at each split it is known
 * on which side the leaf is.
 * @param {Uint8Array} leaf
 * @param {number} index
 * @param {number} size
 * @param {Uint8Array[]} path
 * @returns {Uint8Array}
 */
function rootOf(leaf, index, size, path) {
  if (size === 1) {
    demand(path.length === 0, "too many hashes");
    return leaf;
  }
  const sibling = path.at(-1) ?? fail("too few hashes");
  const split = 2 ** (Math.ceil(Math.log2(size)) - 1);
  const rest = path.slice(0, -1);
  return index < split
    ? nodeHash(rootOf(leaf, index, split, rest), sibling)
    : nodeHash(sibling, rootOf(leaf, index - split, size - split, rest));
}

/**
 * Both roots that a consistency proof gives, by its definition (SUBPROOF).
 * @param {number} old
 * @param {number} size
 * @param {Uint8Array[]} path
 * @param {Uint8Array | undefined} known the root of the old tree, where this subtree is all of it
 * @returns {[before: Uint8Array, after: Uint8Array]}
 */
function rootsOf(old, size, path, known) {
  if (old === size) {
    const root = known ?? path[0] ?? fail("too few hashes");
    demand(path.length === (known ? 0 : 1), "too many hashes");
    return [root, root];
  }
  const split = 2 ** (Math.ceil(Math.log2(size)) - 1);
  const sibling = path.at(-1) ?? fail("too few hashes");
  const rest = path.slice(0, -1);
  if (old <= split) {
    const [before, after] = rootsOf(old, split, rest, known);
    return [before, nodeHash(after, sibling)];
  }
  const [before, after] = rootsOf(old - split, size - split, rest, undefined);
  return [nodeHash(sibling, before), nodeHash(sibling, after)];
}

/**
 * @param {{ oldSize: number, oldRoot: Uint8Array, newSize: number, newRoot: Uint8Array }} states
 * @param {Uint8Array[]} path
 */
export function verifyConsistency({ oldSize, oldRoot, newSize, newRoot }, path) {
  demand(oldSize <= newSize, "the log has shrunk");
  if (oldSize === 0) {
    demand(path.length === 0 && same(oldRoot, sha256(Buffer.alloc(0))), "not the empty tree");
    return;
  }
  const [before, after] = rootsOf(oldSize, newSize, path, oldRoot);
  demand(same(before, oldRoot) && same(after, newRoot), "the trees are not consistent");
}

/**
 * @param {string} name
 * @param {number} type
 * @param {Uint8Array} key
 */
const noteKeyId = (name, type, key) =>
  joined(utf8(`${name}\n`), Buffer.of(type), key).subarray(0, 4);

/** @param {string} line */
function readSignature(line) {
  const [, name = "", encoded = ""] = /^— ([^\s+]+) (\S+)$/u.exec(line) ?? fail("no signature");
  const bytes = fromBase64(encoded);
  demand(bytes.length > 4, "an empty signature");
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** @param {string} note */
function readCheckpoint(note) {
  demand(note.length <= MOST_CHECKPOINT, "a checkpoint that is too long");
  demand(
    [...note].every((letter) => letter === "\n" || letter >= " "),
    "control characters",
  );
  const end = note.lastIndexOf("\n\n");
  demand(end > 0 && note.endsWith("\n"), "no signatures");
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split("\n");
  demand(lines.length <= MOST_SIGNATURES, "too many signatures");
  const fields = text.slice(0, -1).split("\n");
  const [origin = "", size = "", root = ""] = fields;
  demand(fields.length >= 3 && !fields.includes(""), "a checkpoint has three lines");
  demand(/^(0|[1-9][0-9]*)$/.test(size) && Number.isSafeInteger(Number(size)), "no size");
  const rootBytes = fromBase64(root);
  demand(rootBytes.length === 32, "no root");
  const signatures = lines.map(readSignature);
  return { text, origin, size: Number(size), root: rootBytes, signatures };
}

/**
 * @param {string} note
 * @param {any} list a verified key list
 */
export function verifyCheckpoint(note, list) {
  const { text, origin, size, root, signatures } = readCheckpoint(note);
  demand(origin === `${new URL(list.iss).host}/log`, "the checkpoint of another log");
  for (const { publicKey, notBefore, notAfter } of list.signingKeys) {
    const key = fromBase64url(publicKey);
    const [plain, timed] = [1, 4].map((type) =>
      signatures.find(
        ({ name, keyId }) => name === origin && same(keyId, noteKeyId(origin, type, key)),
      ),
    );
    if (plain === undefined || timed === undefined) continue;
    demand(timed.signature.length === 72, "a cosignature without a time");
    const at = Number(timed.signature.readBigUInt64BE(0));
    demand(u64(at).equals(timed.signature.subarray(0, 8)), "a time that is no number");
    demand(ed25519Verify(key, utf8(text), plain.signature), "the signature does not verify");
    const cosigned = utf8(`cosignature/v1\ntime ${at}\n${text}`);
    demand(ed25519Verify(key, cosigned, timed.signature.subarray(8)), "nor the one with a time");
    demand(at >= notBefore - SKEW && at <= notAfter + SKEW, "signed outside of its key's time");
    return { origin, size, root, at };
  }
  return fail("signed by no key of the list");
}

/**
 * @param {string} text
 * @param {Uint8Array} root the issuer's root key
 */
export function verifyNotarization(text, root) {
  demand(text.length <= MOST_NOTARIZATION, "a notarization that is too long");
  const end = text.indexOf("\n\n");
  const [first, extra = "", index = "", ...path] = text.slice(0, Math.max(end, 0)).split("\n");
  demand(first === "c2sp.org/tlog-proof@v1", "not a tlog-proof");
  demand(extra.startsWith("extra "), "no extra data");
  demand(/^index (0|[1-9][0-9]*)$/.test(index), "no index");
  const hashes = path.map(fromBase64);
  demand(hashes.length <= 63 && hashes.every(({ length }) => length === 32), "no inclusion proof");
  const documents = parseCompactJson(fromBase64(extra.slice(6)), MOST_NOTARIZATION);
  schema.notarization(documents, "extra");
  const dated = parseCompactJson(fromBase64url(documents.keyList.split(".")[1]), 65536);
  const list = verifyKeyList(documents.keyList, root, Number(dated?.iat));
  const type = "chit-proof-of-payment+jwt";
  const payment = verifyIssued(documents.proof, type, schema.proof, list);
  const { exp } = parseCompactJson(fromBase64url(documents.certificate.split(".")[1]), 16384);
  const late = payment.iat > exp && payment.iat - exp <= 86400;
  const certificate = shop.verifyCertificate(documents, list, late ? exp : payment.iat);
  demand(certificate.merchantId === payment.merchantId, "the certificate of another merchant");
  const checkpoint = verifyCheckpoint(text.slice(end + 2), list);
  demand(payment.iat <= checkpoint.at + SKEW, "a checkpoint from before the payment");
  const number = Number(index.slice(6));
  demand(number < checkpoint.size, "an index beyond the tree");
  const leaf = leafHash(hash(LABEL.logEntry, utf8(documents.proof)));
  const computed = rootOf(leaf, number, checkpoint.size, hashes);
  demand(same(computed, checkpoint.root), "the payment is not in the log's tree");
  return { payment, certificate, operator: list.operator, index: number, checkpoint };
}
