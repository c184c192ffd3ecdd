/** The form of a vector file, and the ways in which every message is spoiled alike. See README.md. */
import { concatBytes, fromUtf8, utf8 } from "@chit/protocol";

/** A message as vectors write it: its text, or hex where it is no text. */
export type VectorMessage = { readonly text: string } | { readonly hex: string };

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A message that is accepted, how it came about, and what the receiver makes of it. */
export interface PositiveVector {
  readonly name: string;
  /** Replaces entries of the file's context. */
  readonly context?: JsonObject;
  readonly inputs?: JsonObject;
  readonly intermediate?: JsonObject;
  readonly message: VectorMessage;
  readonly result: Json;
}

/** A message that is refused. */
export interface NegativeVector {
  readonly name: string;
  readonly context?: JsonObject;
  readonly message: VectorMessage;
  readonly error: string;
}

/** One file: all vectors of one kind. */
export interface VectorFile {
  readonly kind: string;
  readonly describes: string;
  readonly context: JsonObject;
  readonly positive: readonly PositiveVector[];
  readonly negative: readonly NegativeVector[];
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** Any result as JSON: bytes as hex, amounts as decimal strings. */
export function toJson(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toJson(part)]));
  }
  return value as string | number | boolean;
}

/** Writes a message down. */
export function writeMessage(bytes: Uint8Array): VectorMessage {
  try {
    return { text: fromUtf8(bytes) };
  } catch {
    return { hex: hex(bytes) };
  }
}

/** Reads a message as written. */
export function readMessage(message: VectorMessage): Uint8Array {
  return "text" in message ? utf8(message.text) : unhex(message.hex);
}

/** The text with one character of base64url replaced by another, at `position` from the end. */
export function changeLetter(text: string, position: number): string {
  const at = text.length - 1 - position;
  // Flips one bit of the character's six, whichever it is.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const changed = alphabet[alphabet.indexOf(text[at] ?? "A") ^ 32] ?? "A";
  return text.slice(0, at) + changed + text.slice(at + 1);
}

/** The bytes with their last bit, or another, flipped. */
export function flipBit(bytes: Uint8Array, bit = bytes.length * 8 - 1): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (0x80 >> (bit & 7));
  return changed;
}

/** A spoiled text of a message; all of these are `malformed-message`. */
export type Spoiled = readonly [name: string, bytes: Uint8Array];

/**
 * Spoils a message in every way that has nothing to do with its kind.
 *
 * @param optional fields that may be missing
 */
export function spoil(body: Uint8Array, optional: readonly string[] = []): Spoiled[] {
  const text = fromUtf8(body);
  const value = JSON.parse(text) as Record<string, unknown>;
  const fields = Object.keys(value);
  const first = JSON.stringify(fields[0]);
  const firstEntry = `${first}:${JSON.stringify(value[fields[0] as string])}`;
  const rest = text.slice(1);
  const without = (field: string) =>
    JSON.stringify(Object.fromEntries(Object.entries(value).filter(([name]) => name !== field)));
  return [
    ["empty", new Uint8Array()],
    ["null", utf8("null")],
    ["an array around it", utf8(`[${text}]`)],
    ["a string around it", utf8(JSON.stringify(text))],
    ["cut short by one byte", body.slice(0, -1)],
    ["a space after the brace", utf8(`{ ${rest}`)],
    ["a line feed at the end", utf8(`${text}\n`)],
    ["a byte-order mark", utf8(`\ufeff${text}`)],
    ["a byte that is no UTF-8", concatBytes(body.slice(0, -1), Uint8Array.of(0xff, 0x7d))],
    ["a doubled name", utf8(`{${firstEntry},${rest}`)],
    ["a name with a needless escape", utf8(text.replace(first, `"\\u00${restOf(first)}`))],
    ["an unknown field", utf8(`${text.slice(0, -1)},"extra":1}`)],
    ["a field __proto__", utf8(`${text.slice(0, -1)},"__proto__":{}}`)],
    ["a field constructor", utf8(`${text.slice(0, -1)},"constructor":1}`)],
    ["a field toString", utf8(`${text.slice(0, -1)},"toString":1}`)],
    ...fields
      .filter((field) => !optional.includes(field))
      .map((field): Spoiled => [`without ${field}`, utf8(without(field))]),
    ...fields.map(
      (field): Spoiled => [
        `${field} is an object`,
        utf8(JSON.stringify({ ...value, [field]: { a: 1 } })),
      ],
    ),
  ];
}

/** The rest of a quoted name behind `\u00`: its first letter in hexadecimal, then the others. */
function restOf(quoted: string): string {
  return `${quoted.charCodeAt(1).toString(16)}${quoted.slice(2)}`;
}

/** Spoiled messages as negative vectors. */
export function refused(
  spoiled: readonly Spoiled[],
  error = "malformed-message",
  wrap: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): NegativeVector[] {
  return spoiled.map(([name, bytes]) => ({ name, message: writeMessage(wrap(bytes)), error }));
}

/** A JSON message with some fields replaced. */
export function patched(body: Uint8Array, patch: object): Uint8Array {
  return utf8(JSON.stringify({ ...JSON.parse(fromUtf8(body)), ...patch }));
}
