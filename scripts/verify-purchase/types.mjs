// PROTOCOL.md, section 2: the types used in its tables.
import { Failure, fail, fromBase64url } from "./bytes.mjs";
import { SUITE } from "./crypto.mjs";

/** @typedef {((value: any, at: string) => void) & { optional?: boolean }} Type */

/**
 * @param {string} what
 * @param {(value: any) => boolean} holds
 * @returns {Type}
 */
export const type = (what, holds) => (value, at) => {
  if (!holds(value)) fail(`${at} is not ${what}`);
};

/**
 * @param {RegExp} pattern
 * @param {string} what
 */
export const string = (pattern, what) =>
  type(what, (v) => typeof v === "string" && pattern.test(v));

/** @param {...(string | number | boolean)} values */
export const one = (...values) =>
  type(values.map((v) => JSON.stringify(v)).join(" or "), (v) => values.includes(v));

/**
 * @param {number} from
 * @param {number} to
 */
export const integer = (from, to) =>
  type(`an integer ${from}–${to}`, (v) => Number.isSafeInteger(v) && v >= from && v <= to);

/**
 * @param {number} least
 * @param {number} most
 * @returns {Type}
 */
export const base64url = (least, most) => (value, at) => {
  try {
    const { length } = fromBase64url(value);
    if (length < least || length > most) fail(`${length} bytes, not ${least}–${most}`);
  } catch (error) {
    if (error instanceof Failure) fail(`${at}: ${error.message}`);
    throw error;
  }
};

/** @param {number} n */
export const bytes = (n) => base64url(n, n);
/** @param {number} n */
export const bytesUpTo = (n) => base64url(0, n);
export const id = bytes(16);
export const kid = string(/^[A-Za-z0-9_-]{43}$/, "a key id");
export const currency = string(/^[A-Z]{3}$/, "a currency");
export const scale = integer(0, 8);
export const time = integer(0, 253402300799);
export const count = integer(0, Number.MAX_SAFE_INTEGER);
export const suite = one(SUITE);
export const version = one(1);
export const jws = type(
  "a JWS",
  (v) =>
    typeof v === "string" &&
    v.length <= 65536 &&
    /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/.test(v),
);

/** @param {bigint} least */
export const amountFrom = (least) =>
  type(`an amount of at least ${least}`, (v) => {
    if (typeof v !== "string" || !/^(0|-?[1-9][0-9]{0,18})$/.test(v)) return false;
    const n = BigInt(v);
    return n >= least && n <= 9223372036854775807n;
  });
export const anyAmount = amountFrom(-9223372036854775807n);

const REFUSED =
  /\u034F|[\p{Cc}\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]|\p{Surrogate}/u;

/** @param {number} n */
export const text = (n) =>
  type(
    `a text of 1–${n}`,
    (v) => typeof v === "string" && v.length <= n && v.trim() !== "" && !REFUSED.test(v),
  );

/** @param {unknown} value */
function isUrl(value) {
  if (typeof value !== "string" || !/^https?:\/\/[\x21-\x7e]{1,2048}$/.test(value)) return false;
  if (value.length > 2048 || value.includes("#") || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || /^((.+\.)?localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}
export const url = type("a URL", isUrl);
/** @param {unknown} value */
export const isOrigin = (value) => isUrl(value) && new URL(String(value)).origin === value;
export const origin = type("an origin", isOrigin);

/**
 * @param {Type} of
 * @returns {Type}
 */
export const optional = (of) =>
  Object.assign((/** @type {any} */ v, /** @type {string} */ at) => of(v, at), { optional: true });

/**
 * @param {Type} of
 * @returns {Type}
 */
export const orNull = (of) => (value, at) => value === null || of(value, at);

/**
 * @param {Record<string, Type>} fields
 * @returns {Type}
 */
export const object = (fields) => (value, at) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(`${at} is not an object`);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) fail(`${at} has an unknown field "${name}"`);
  }
  for (const [name, of] of Object.entries(fields)) {
    if (Object.hasOwn(value, name)) of(value[name], `${at}.${name}`);
    else if (!of.optional) fail(`${at} has no field "${name}"`);
  }
};

/**
 * @param {number} least
 * @param {number} most
 * @param {Type} of
 * @returns {Type}
 */
export const list = (least, most, of) => (value, at) => {
  if (!Array.isArray(value) || value.length < least || value.length > most) {
    fail(`${at} is not a list of ${least}–${most}`);
  }
  for (const [i, item] of value.entries()) of(item, `${at}[${i}]`);
};
