/**
 * Reads TwiML, the XML in which a telephone service answers a carrier's webhook: the verbs that a voice menu is
 * made of (Say, Pause, Gather, Redirect, Hangup). A carrier refuses what it does not know, and so does this.
 */
import { DOMParser, type Element, onErrorStopParsing } from "@xmldom/xmldom";
import * as v from "valibot";

/** One thing for the carrier to do. Times in seconds. */
export type Verb =
  | { readonly verb: "say"; readonly text: string; readonly language: string }
  | { readonly verb: "pause"; readonly seconds: number }
  | {
      readonly verb: "gather";
      /** Said while it listens: a key stops it. */
      readonly verbs: readonly Verb[];
      /** How many keys make an answer; null: any number, until `finishOnKey` or a silence. */
      readonly digits: number | null;
      /** The key that means "done"; empty: none. */
      readonly finishOnKey: string;
      readonly seconds: number;
      /** Where the keys go; empty: the address that this document came from. */
      readonly action: string;
    }
  | {
      readonly verb: "record";
      /** The longest message. */
      readonly mostSeconds: number;
      /** Keys that end it. */
      readonly finishOnKey: string;
      /** Where the recording's address goes; empty as above. */
      readonly action: string;
    }
  | {
      readonly verb: "dial";
      /** E.164. */
      readonly number: string;
      /** Where the outcome goes; empty as above. */
      readonly action: string;
    }
  | { readonly verb: "redirect"; readonly url: string }
  | { readonly verb: "hangup" };

/** A document that no carrier would understand. */
export class TwimlError extends Error {
  override readonly name = "TwimlError";
}

/** Longest document that a carrier takes (Twilio: 64 kB). */
const MOST_CHARACTERS = 65_536;
const DEFAULT_LANGUAGE = "en-US";

const seconds = v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number));
const key = v.pipe(v.string(), v.regex(/^[0-9*#]?$/));
const post = v.optional(v.literal("POST"));
const attributes = {
  Response: v.strictObject({}),
  Say: v.strictObject({
    language: v.optional(v.pipe(v.string(), v.regex(/^[a-z]{2}(-[A-Z]{2})?$/)), DEFAULT_LANGUAGE),
  }),
  Pause: v.strictObject({ length: v.optional(seconds, "1") }),
  Gather: v.strictObject({
    input: v.optional(v.literal("dtmf")),
    numDigits: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d?$/), v.transform(Number))),
    timeout: v.optional(seconds, "5"),
    finishOnKey: v.optional(key, "#"),
    method: post,
    action: v.optional(v.string(), ""),
  }),
  Record: v.strictObject({
    maxLength: v.optional(seconds, "3600"),
    timeout: v.optional(seconds, "5"),
    finishOnKey: v.optional(v.pipe(v.string(), v.regex(/^[0-9*#]*$/)), "1234567890*#"),
    playBeep: v.optional(v.picklist(["true", "false"])),
    method: post,
    action: v.optional(v.string(), ""),
  }),
  Dial: v.strictObject({
    timeout: v.optional(seconds, "30"),
    timeLimit: v.optional(seconds, "14400"),
    method: post,
    action: v.optional(v.string(), ""),
  }),
  Redirect: v.strictObject({ method: post }),
  Hangup: v.strictObject({}),
} as const;

/**
 * Reads a document.
 *
 * @throws {TwimlError} when it is no XML, too long, or has a verb or attribute that is unknown or out of place
 */
export function parseTwiml(text: string): readonly Verb[] {
  if (text.length > MOST_CHARACTERS) throw new TwimlError("The document is too long.");
  const root = parseXml(text);
  if (root?.nodeName !== "Response") {
    throw new TwimlError(`Expected <Response>, found <${root?.nodeName ?? "nothing"}>.`);
  }
  read("Response", root);
  return childrenOf(root).map((element) => verbOf(element, false));
}

function verbOf(element: Element, inGather: boolean): Verb {
  const name = element.nodeName;
  if (inGather && name !== "Say" && name !== "Pause") {
    throw new TwimlError(`<${name}> cannot stand inside of <Gather>.`);
  }
  switch (name) {
    case "Say":
      return { verb: "say", text: textOf(element), language: read("Say", element).language };
    case "Pause":
      return { verb: "pause", seconds: read("Pause", element).length };
    case "Gather": {
      const { numDigits, timeout, finishOnKey, action } = read("Gather", element);
      const verbs = childrenOf(element).map((child) => verbOf(child, true));
      return {
        verb: "gather",
        verbs,
        digits: numDigits ?? null,
        finishOnKey,
        seconds: timeout,
        action,
      };
    }
    case "Record": {
      const { maxLength, finishOnKey, action } = read("Record", element);
      return { verb: "record", mostSeconds: maxLength, finishOnKey, action };
    }
    case "Dial": {
      const { action } = read("Dial", element);
      return { verb: "dial", number: numberOf(element), action };
    }
    case "Redirect":
      read("Redirect", element);
      return { verb: "redirect", url: textOf(element) };
    case "Hangup":
      read("Hangup", element);
      return { verb: "hangup" };
    default:
      throw new TwimlError(`The verb <${name}> is unknown.`);
  }
}

function parseXml(text: string): Element | null {
  try {
    return new DOMParser({ onError: onErrorStopParsing }).parseFromString(text, "text/xml")
      .documentElement;
  } catch (cause) {
    throw new TwimlError("The document is not well-formed XML.", { cause });
  }
}

function read<Name extends keyof typeof attributes>(
  name: Name,
  element: Element,
): v.InferOutput<(typeof attributes)[Name]> {
  const found = Object.fromEntries(
    Array.from(element.attributes, (attribute) => [attribute.name, attribute.value]),
  );
  const result = v.safeParse(attributes[name], found);
  if (result.success) return result.output;
  const where = result.issues[0] === undefined ? "" : (v.getDotPath(result.issues[0]) ?? "");
  throw new TwimlError(`<${name}> has an attribute that is unknown or wrong: ${where}.`);
}

function childrenOf(element: Element): Element[] {
  const children: Element[] = [];
  for (const node of Array.from(element.childNodes)) {
    if (node.nodeType === node.ELEMENT_NODE) children.push(node as Element);
    else if (node.nodeType === node.TEXT_NODE && (node.nodeValue ?? "").trim() !== "") {
      throw new TwimlError(`<${element.nodeName}> has text where only verbs may stand.`);
    }
  }
  return children;
}

function numberOf(element: Element): string {
  const number = textOf(element);
  if (!/^\+[1-9]\d{4,14}$/.test(number)) {
    throw new TwimlError("<Dial> holds no telephone number such as +4930123456.");
  }
  return number;
}

function textOf(element: Element): string {
  return (element.textContent ?? "").replace(/\s+/g, " ").trim();
}
