/**
 * A telephone call as a carrier makes it: it asks the service's webhook what to do, does it, tells the keys.
 * No sound is made here; whoever holds the call (the page, a test, the demo's driver) gets what was said.
 */
import { createHmac } from "node:crypto";
import * as v from "valibot";
import { parseTwiml, type Verb } from "./twiml.ts";

/** The carrier's side of the line. */
export interface Carrier {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Webhook that answers a new call (POST). */
  readonly voiceUrl: string;
  /** Webhook that is told when a call has ended; null: nobody wants to know. */
  readonly statusUrl: string | null;
  /** The secret shared with the service, under which webhooks are signed. */
  readonly authToken: string;
  /** A fresh name for a call. */
  readonly newCallId: () => string;
}

/** Something to be heard. */
export type Sound =
  | {
      readonly type: "speech";
      readonly text: string;
      /** BCP 47. */
      readonly language: string;
      /** Whether a key stops it. */
      readonly interruptible: boolean;
    }
  | { readonly type: "pause"; readonly seconds: number; readonly interruptible: boolean };

/** What the caller hears next, and what is expected then. */
export interface Turn {
  readonly sounds: readonly Sound[];
  /** Null when the call has ended. */
  readonly listening: { readonly digits: number | null; readonly seconds: number } | null;
}

/** A call under way. */
export interface Call {
  readonly callId: string;
  /** The last turn. */
  readonly turn: Turn;
  /** What was heard in all turns, as text. */
  readonly heard: readonly string[];
  /** Presses one key. Null while more keys are expected, the next turn when the answer was complete. */
  press(key: string): Promise<Turn | null>;
  /** Nothing (more) is keyed in. */
  wait(): Promise<Turn>;
  /** Hangs up. */
  hangUp(): Promise<void>;
}

/** More in a row without a person doing anything is a service that runs in circles. */
const MOST_REDIRECTS = 10;
const REPLY_CHARACTERS = 65_536;
const keySchema = v.pipe(v.string(), v.regex(/^[0-9*#]$/, "Expected one key of a telephone."));
type Gather = Extract<Verb, { verb: "gather" }>;

/**
 * Calls the service.
 *
 * @throws {CallError} when it does not answer, refuses the signature or talks nonsense
 */
export async function placeCall(carrier: Carrier): Promise<Call> {
  const callId = carrier.newCallId();
  const heard: string[] = [];
  let turn: Turn = { sounds: [], listening: null };
  /** Listening: the open question, what follows it when nobody answers, and the keys so far. */
  let open: { gather: Gather; rest: readonly Verb[]; url: string; keys: string } | null = null;

  const take = async (url: string, digits: string | null): Promise<Turn> => {
    const sounds: Sound[] = [];
    let address = url;
    let verbs = await ask(carrier, address, callId, digits);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const stop = perform(verbs, sounds);
      if (stop.type !== "redirect") {
        open =
          stop.type === "listen"
            ? { gather: stop.gather, rest: stop.rest, url: address, keys: "" }
            : null;
        for (const sound of sounds) if (sound.type === "speech") heard.push(sound.text);
        turn = {
          sounds,
          listening: open && { digits: open.gather.digits, seconds: open.gather.seconds },
        };
        if (open === null) await tellEnd(carrier, callId);
        return turn;
      }
      address = new URL(stop.url, address).href;
      verbs = await ask(carrier, address, callId, null);
    }
    throw new CallError("The telephone service redirects in circles.");
  };
  const answer = (keys: string): Promise<Turn> => {
    if (open === null) throw new CallError("The call has ended.");
    return take(new URL(open.gather.action || open.url, open.url).href, keys);
  };

  const hangUp = async (): Promise<void> => {
    if (open === null) return;
    open = null;
    turn = { sounds: [], listening: null };
    await tellEnd(carrier, callId);
  };

  await take(carrier.voiceUrl, null);
  return {
    callId,
    get turn() {
      return turn;
    },
    heard,
    async press(key) {
      const pressed = v.parse(keySchema, key);
      if (open === null) throw new CallError("The call has ended.");
      if (pressed === open.gather.finishOnKey) return answer(open.keys);
      open.keys += pressed;
      return open.keys.length === open.gather.digits ? answer(open.keys) : null;
    },
    async wait() {
      if (open === null) throw new CallError("The call has ended.");
      if (open.keys !== "") return answer(open.keys);
      // What stands behind the question says what follows a silence; nothing there ends the call.
      const next = perform(open.rest, []);
      if (next.type === "redirect") return take(new URL(next.url, open.url).href, null);
      await hangUp();
      return turn;
    },
    hangUp,
  };
}

/** A call that failed for a reason that the caller can do nothing about. */
export class CallError extends Error {
  override readonly name = "CallError";
}

type Stop =
  | { readonly type: "listen"; readonly gather: Gather; readonly rest: readonly Verb[] }
  | { readonly type: "redirect"; readonly url: string }
  | { readonly type: "ended" };

/** Does verbs in order until one of them stops it; what is to be heard is put into `sounds`. */
function perform(verbs: readonly Verb[], sounds: Sound[]): Stop {
  for (const [index, verb] of verbs.entries()) {
    switch (verb.verb) {
      case "say":
      case "pause":
        sounds.push(soundOf(verb, false));
        break;
      case "gather":
        for (const inner of verb.verbs) {
          if (inner.verb === "say" || inner.verb === "pause") sounds.push(soundOf(inner, true));
        }
        return { type: "listen", gather: verb, rest: verbs.slice(index + 1) };
      case "redirect":
        return { type: "redirect", url: verb.url };
      case "hangup":
        return { type: "ended" };
    }
  }
  return { type: "ended" };
}

function soundOf(verb: Extract<Verb, { verb: "say" | "pause" }>, interruptible: boolean): Sound {
  return verb.verb === "pause"
    ? { type: "pause", seconds: verb.seconds, interruptible }
    : { type: "speech", text: verb.text, language: verb.language, interruptible };
}

async function ask(
  carrier: Carrier,
  url: string,
  callId: string,
  digits: string | null,
): Promise<readonly Verb[]> {
  const form = { ...formOf(callId, "in-progress"), ...(digits === null ? {} : { Digits: digits }) };
  const response = await post(carrier, url, form);
  if (!response.ok) {
    throw new CallError(`The telephone service answered ${response.status} instead of speaking.`);
  }
  return parseTwiml((await response.text()).slice(0, REPLY_CHARACTERS + 1));
}

async function tellEnd(carrier: Carrier, callId: string): Promise<void> {
  if (carrier.statusUrl === null) return;
  await post(carrier, carrier.statusUrl, formOf(callId, "completed"));
}

/** What carriers tell of every call. The numbers are of the range kept free for films and stories. */
function formOf(callId: string, status: "in-progress" | "completed"): Record<string, string> {
  return {
    CallSid: callId,
    AccountSid: "AC00000000000000000000000000000000",
    From: "+4930231250001",
    To: "+4930231250000",
    CallStatus: status,
    Direction: "inbound",
    ApiVersion: "2010-04-01",
  };
}

function post(carrier: Carrier, url: string, form: Record<string, string>): Promise<Response> {
  return carrier.fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": signWebhook(carrier.authToken, url, form),
    },
    body: new URLSearchParams(form).toString(),
  });
}

/** A carrier's signature: HMAC-SHA1 over the URL and the sorted parameters, name then value, in base64. */
export function signWebhook(token: string, url: string, form: Record<string, string>): string {
  const parameters = Object.keys(form)
    .sort()
    .map((name) => `${name}${form[name]}`);
  return createHmac("sha1", token)
    .update(url + parameters.join(""), "utf8")
    .digest("base64");
}
