// PROTOCOL.md, section 2: bytes, base64url, compact JSON; section 4: padding.

/** Why a check failed, in words for people. */
export class Failure extends Error {}

/**
 * @param {string} why
 * @returns {never}
 */
export function fail(why) {
  throw new Failure(why);
}

/**
 * @param {unknown} condition
 * @param {string} why
 */
export function demand(condition, why) {
  if (!condition) fail(why);
}

/** @param {string} text */
export const utf8 = (text) => Buffer.from(text, "utf8");

/** @param {number} n */
export function u32(n) {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(n);
  return out;
}

/** @param {number} n */
export function u64(n) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(n));
  return out;
}

/** @param {Uint8Array} bytes */
export const toBase64url = (bytes) => Buffer.from(bytes).toString("base64url");

/**
 * Strict: only the alphabet, no padding, no length of 1 modulo 4, no bits in the unused tail.
 * @param {unknown} text
 * @param {number} [length] how many bytes exactly
 */
export function fromBase64url(text, length) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) fail("not base64url");
  const bytes = Buffer.from(text, "base64url");
  if (text.length % 4 === 1 || toBase64url(bytes) !== text) fail("not strict base64url");
  if (length !== undefined && bytes.length !== length) {
    fail(`${bytes.length} bytes instead of ${length}`);
  }
  return bytes;
}

/**
 * Bound, UTF-8, JSON, compactness: the first three rules for every receiver.
 * @param {Uint8Array} bytes
 * @param {number} bound
 * @returns {any}
 */
export function parseCompactJson(bytes, bound) {
  demand(bytes.length <= bound, `${bytes.length} bytes, more than ${bound}`);
  let text = "";
  let value;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    fail("not UTF-8 or not JSON");
  }
  demand(JSON.stringify(value) === text, "JSON, but not compact");
  return value;
}

/**
 * @param {Buffer} padded
 * @param {number} block
 */
export function unpad(padded, block) {
  demand(padded.length >= 2, "padding: shorter than its length field");
  const length = padded.readUInt16BE(0);
  demand(length <= 8190, "padding: more than 8190 bytes of content");
  const smallest = Math.ceil((2 + length) / block) * block;
  demand(padded.length === smallest, `padding: ${padded.length} bytes instead of ${smallest}`);
  demand(
    padded.subarray(2 + length).every((byte) => byte === 0),
    "padding: filled with something else than zeros",
  );
  return padded.subarray(2, 2 + length);
}
