/**
 * What a receiver can compare in what wallets send: every value with its place, taken apart down to bytes. Timing is
 * left out: whole seconds that a message tells (`time`, `iat`) are when it was sent.
 */

/** One thing that left a wallet. */
export interface Sent {
  /** Names it alike in every purchase: `POST /chit/session`. */
  readonly step: string;
  /** By the names under which it is compared: `path`, `headers`, `body` … */
  readonly parts: Readonly<Record<string, unknown>>;
}

/** Each fact (a value at a place, or a run of bytes anywhere) and the place where it was seen. */
export type Facts = ReadonlyMap<string, string>;

/** Random bytes of this length meet by chance once in 10¹⁹ times. */
const RUN = 8;
const TIMES = /\.(time|iat)$/;
const BASE64URL = /^[\w-]{8,}$/;
const JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Everything in `sent`, taken apart: JSON, JWS and base64url, one in the other, as deep as they go. */
export function factsOf(sent: readonly Sent[]): Facts {
  const facts = new Map<string, string>();
  const note = (place: string, value: string) => facts.set(`${place} = ${value}`, place);

  function takeApart(place: string, value: unknown): void {
    const inside = structureIn(value);
    if (inside !== null) {
      note(`${place} names`, Object.keys(inside).join());
      for (const [name, member] of Object.entries(inside)) takeApart(`${place}.${name}`, member);
    } else if (value instanceof Uint8Array) {
      note(place, hexOf(value));
      noteRuns(place, value);
    } else if (typeof value === "string") {
      note(place, value);
      takeTextApart(place, value);
    } else if (!TIMES.test(place)) note(place, String(value));
  }

  function takeTextApart(place: string, value: string): void {
    if (JWS.test(value)) {
      for (const [index, part] of value.split(".").entries()) {
        takeApart(`${place}.jws[${index}]`, Buffer.from(part, "base64url"));
      }
      return;
    }
    const bytes = BASE64URL.test(value) ? Buffer.from(value, "base64url") : null;
    if (bytes !== null) takeApart(place, bytes);
    // Base64url of a structure is no text of its own: it has the time in it.
    if (structureIn(bytes) === null) noteRuns(place, Buffer.from(value));
  }

  function noteRuns(place: string, value: Uint8Array): void {
    const hex = hexOf(value);
    for (let at = 0; at + RUN <= value.length; at++) {
      facts.set(`bytes ${hex.slice(2 * at, 2 * (at + RUN))}`, place);
    }
  }

  for (const { step, parts } of sent) {
    for (const [part, value] of Object.entries(parts)) takeApart(`${step} ${part}`, value);
  }
  return facts;
}

/** What two have in common. */
export function inCommon(one: Facts, other: Facts): Facts {
  return new Map([...one].filter(([fact]) => other.has(fact)));
}

/** What two purchases of one shopper have in common and two of different shoppers have not: what links them. */
export function linking(same: readonly [Facts, Facts], different: readonly [Facts, Facts]): Facts {
  const strangers = inCommon(...different);
  return new Map([...inCommon(...same)].filter(([fact]) => !strangers.has(fact)));
}

/** The object or array that `value` is, or that it is the JSON of; else null. */
function structureIn(value: unknown): object | null {
  if (value instanceof Uint8Array) return parsed(Buffer.from(value).toString("utf8"));
  if (typeof value === "string") return parsed(value);
  return typeof value === "object" ? value : null;
}

function parsed(text: string): object | null {
  if (!/^[[{]/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
