/** The schemas that the messages are built from, and the one way in which bytes become a message. */
import * as v from "valibot";
import { fromBase64url, fromUtf8, utf8 } from "./bytes.ts";
import { ChitError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { parseAmount } from "./money.ts";

/**
 * An object with exactly these fields: an unknown one is refused, be it called `__proto__` or `toString`
 * (valibot alone takes names that every object inherits for known ones).
 */
export function message<const E extends v.ObjectEntries>(
  entries: E,
): v.StrictObjectSchema<E, undefined> {
  return v.strictObject(Object.assign(Object.create(null), entries) as E);
}

/** Protocol version and message type, the first two fields of every message. */
export function header<const T extends string>(
  type: T,
): {
  v: v.LiteralSchema<1, undefined>;
  type: v.LiteralSchema<T, undefined>;
} {
  return { v: v.literal(1), type: v.literal(type) };
}

const decodeOr = <O>(decode: (text: string) => O, problem: string) =>
  v.rawTransform<string, O>(({ dataset, addIssue, NEVER }) => {
    try {
      return decode(dataset.value);
    } catch {
      addIssue({ message: problem });
      return NEVER;
    }
  });

/** Base64url text of exactly `length` bytes; parsed to bytes. */
export const bytes = (length: number) =>
  v.pipe(
    v.string(),
    v.length(Math.ceil((length * 4) / 3), `Expected ${length} bytes as base64url.`),
    decodeOr(fromBase64url, `Expected ${length} bytes as base64url.`),
  );

/** Base64url text of at most `most` bytes; parsed to bytes. */
export const bytesUpTo = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(Math.ceil((most * 4) / 3), `Expected at most ${most} bytes as base64url.`),
    decodeOr(fromBase64url, "Expected base64url without padding."),
  );

/** A random identifier of 16 bytes, kept as its base64url text of 22 characters. */
export const identifier = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, "Expected 16 bytes as base64url."),
);

/** A key id: the JWK thumbprint of a public key (RFC 7638), 43 characters. */
export const thumbprint = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{43}$/, "Expected a key id of 43 characters."),
);

/** An amount on the wire (`"12345"`, smallest units), parsed to bigint; may be negative (a discount). */
export const signedAmount = v.pipe(
  v.string(),
  decodeOr(parseAmount, "Expected a whole number of smallest units as a decimal string."),
);

/** An amount that is not negative. */
export const amount = v.pipe(signedAmount, v.minValue(0n, "The amount must not be negative."));

/** An amount greater than nothing. */
export const positiveAmount = v.pipe(
  signedAmount,
  v.minValue(1n, "The amount must be greater than 0."),
);

/** A time: whole seconds since 1970-01-01 UTC (RFC 7519 NumericDate). */
export const time = v.pipe(
  v.number(),
  v.safeInteger("Expected whole seconds since 1970."),
  v.minValue(0),
  v.maxValue(253_402_300_799, "The time lies beyond the year 9999."),
);

/** A calendar month in UTC, as `2026-11`. */
export const month = v.pipe(
  v.string(),
  v.regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/, "Expected a month such as 2026-11."),
);

/** A whole number from `least` to `most`. */
export const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));

/** An ISO 4217 code, or what a community currency calls itself in the same form. */
export const currency = v.pipe(
  v.string(),
  v.regex(/^[A-Z]{3}$/, "Expected a currency of three capital letters."),
);

/** A telephone number as people dial it. */
export const telephoneNumber = v.pipe(
  v.string(),
  v.regex(/^[+0-9][0-9 ()/-]{2,30}$/, "Expected a telephone number such as +49 30 123456."),
);

/** Decimals of the smallest unit. */
export const scale = whole(0, LIMITS.scale);

// Controls, bidirectional formatting and characters without width: by them one name can be made to look like
// another. The joiners U+200C and U+200D stay: Persian, Indian scripts and emoji need them.
const UNSHOWABLE =
  /\u034f|[\p{Cc}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb]/u;

/** Whether people can see all of a text: no controls, no bidirectional overrides, nothing without width. */
export function isShowable(text: string): boolean {
  return text.isWellFormed() && !UNSHOWABLE.test(text);
}

/**
 * One line of text for people: no controls, no bidirectional overrides, not blank, at most `most` UTF-16 code
 * units.
 */
export const displayText = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(most, `The text is longer than ${most} characters.`),
    v.check((text) => text.trim() !== "", "The text is blank."),
    v.check(isShowable, "The text has control, direction or invisible characters."),
  );

/** An absolute URL of a secure kind, see {@link isSecureUrl}; no user, no fragment. */
export const secureUrl = v.pipe(
  v.string(),
  v.maxLength(LIMITS.urlLength),
  v.check(
    (text) => /^[\x21-\x7e]+$/.test(text) && isSecureUrl(text) && !text.includes("#"),
    "Expected an https URL in ASCII without user or fragment (http only on this computer).",
  ),
);

/** A web origin (`https://shop.example`), exactly as browsers write it. */
export const webOrigin = v.pipe(
  secureUrl,
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    "Expected an origin such as https://shop.example (no path, no slash at the end).",
  ),
);

/** A signed document in JWS compact form of at most `most` characters, not yet verified. */
export const jwsUpTo = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(most),
    v.regex(
      /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/,
      "Expected a signed document (JWS).",
    ),
  );

/** A signed document of the usual size; the key list is the largest of them. */
export const jws = jwsUpTo(LIMITS.keyListBytes);

/**
 * Whether `text` is an https URL, or an http one that stays on this computer (`localhost`, `*.localhost`,
 * `127.0.0.1`, `[::1]`), without a user name in it.
 */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return false;
  if (url.protocol === "https:") return true;
  const loopback = /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/;
  return url.protocol === "http:" && loopback.test(url.hostname);
}

/**
 * Parses the exact bytes of a message. The bytes must be compact JSON, just as `JSON.stringify` writes it:
 * one value has one text, so no parser can read a doubled name or an odd number another way.
 *
 * @throws {ChitError} `message-too-large`, or `malformed-message` with the path of the first wrong field.
 */
export function parseMessage<S extends v.GenericSchema>(
  schema: S,
  body: Uint8Array,
  mostBytes: number = LIMITS.replyBytes,
): v.InferOutput<S> {
  if (body.length > mostBytes) {
    throw new ChitError(
      "message-too-large",
      `The message has ${body.length} bytes; at most ${mostBytes} are read.`,
    );
  }
  const text = fromUtf8(body);
  let value: unknown;
  let compact: boolean;
  try {
    value = JSON.parse(text);
    // Throws as well, when arrays are nested deeper than the stack.
    compact = JSON.stringify(value) === text;
  } catch (cause) {
    throw new ChitError("malformed-message", "The message is not JSON.", { cause });
  }
  if (!compact) {
    throw new ChitError(
      "malformed-message",
      "The message is not compact JSON (no white space, no doubled names, no needless escapes).",
    );
  }
  return parseValue(schema, value);
}

/**
 * Checks a value that is already parsed. The error never repeats the value: it may be an address, and errors
 * are logged.
 *
 * @throws {ChitError} `malformed-message` with the path of the first wrong field.
 */
export function parseValue<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true, message: withoutValue });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  throw new ChitError(
    "malformed-message",
    path === null ? issue.message : `${path.slice(0, MOST_PATH)}: ${issue.message}`,
  );
}

/** Unknown fields are named by whoever sent them; more of the name than this helps nobody. */
const MOST_PATH = 100;

/** What an issue says where its schema has no text of its own. */
function withoutValue(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === "never") return "Unknown field.";
  return issue.expected === null ? "Not as it should be." : `Expected ${issue.expected}.`;
}

/** The exact bytes of a message: compact JSON. Fields travel in the order in which they are given. */
export function messageBytes(value: object): Uint8Array {
  return utf8(JSON.stringify(value));
}
