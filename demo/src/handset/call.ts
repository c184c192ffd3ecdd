/**
 * A telephone call as a carrier makes it: it asks the service's webhook what to do, does it, tells the keys.
 * No sound is made or kept here; whoever holds the call (the page, a test, the demo's driver) gets what was said.
 */
import * as v from "valibot";
import { type Carrier, sendWebhook } from "./carrier.ts";
import { parseTwiml, type Verb } from "./twiml.ts";

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

/** What is expected of the caller. Times in seconds. */
export type Expectation =
  | { readonly type: "keys"; readonly digits: number | null; readonly seconds: number }
  /** A message, spoken after a tone: {@link Call.record}, or {@link Call.wait} where nothing is said. */
  | { readonly type: "message"; readonly seconds: number; readonly finishOnKey: string }
  /** Nothing: it rings at another number. {@link Call.wait}: nobody answers there. */
  | { readonly type: "connection"; readonly number: string }
  | { readonly type: "nothing" };

/** What the caller hears next, and what is expected then; `nothing` when the call has ended. */
export interface Turn {
  readonly sounds: readonly Sound[];
  readonly expects: Expectation;
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
  /** A message of so many seconds was spoken after the tone. */
  record(seconds: number): Promise<Turn>;
  /** Nothing (more) is keyed in or said; nobody answers. */
  wait(): Promise<Turn>;
  /** Hangs up; `seconds` of a message were spoken by then. */
  hangUp(seconds?: number): Promise<void>;
}

/** More in a row without a person doing anything is a service that runs in circles. */
const MOST_REDIRECTS = 10;
const REPLY_CHARACTERS = 65_536;
const NOTHING: Expectation = { type: "nothing" };
const keySchema = v.pipe(v.string(), v.regex(/^[0-9*#]$/, "Expected one key of a telephone."));
type Waiting = Extract<Verb, { verb: "gather" | "record" | "dial" }>;
type News = Readonly<Record<string, string>>;

/** What the service waits for: the verb, what follows it when nothing happens, and where it came from. */
interface Open {
  readonly verb: Waiting;
  readonly rest: readonly Verb[];
  readonly url: string;
  keys: string;
}

/**
 * Calls the service.
 *
 * @throws {CallError} when it does not answer, refuses the signature or talks nonsense
 */
export async function placeCall(carrier: Carrier): Promise<Call> {
  const callId = carrier.newCallId();
  const heard: string[] = [];
  let turn: Turn = { sounds: [], expects: NOTHING };
  let open: Open | null = null;

  /** Asks what to do and does it, until the service waits for something or hangs up. */
  const take = async (url: string, news: News): Promise<Turn> => {
    const sounds: Sound[] = [];
    let address = url;
    let verbs = await ask(carrier, address, callId, news);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const stop = perform(verbs, sounds);
      if (stop.type !== "redirect") {
        open = stop.type === "waits" ? { ...stop, url: address, keys: "" } : null;
        for (const sound of sounds) if (sound.type === "speech") heard.push(sound.text);
        turn = { sounds, expects: open === null ? NOTHING : expectationOf(open.verb) };
        if (open === null) await tellEnd(carrier, callId);
        return turn;
      }
      address = new URL(stop.url, address).href;
      verbs = await ask(carrier, address, callId, {});
    }
    throw new CallError("The telephone service redirects in circles.");
  };
  const waiting = (): Open => {
    if (open === null) throw new CallError("The call has ended.");
    return open;
  };
  const answer = (news: News): Promise<Turn> => {
    const { verb, url } = waiting();
    return take(new URL(verb.action || url, url).href, news);
  };
  const record = (seconds: number): Promise<Turn> => {
    if (waiting().verb.verb !== "record") throw new CallError("Nothing is recorded now.");
    return answer(recordingOf(callId, seconds));
  };
  const hangUp = async (seconds = 0): Promise<void> => {
    if (open === null) return;
    const { verb, url } = open;
    open = null;
    turn = { sounds: [], expects: NOTHING };
    if (verb.verb === "record" && seconds > 0) {
      // Carriers hand in what was said so far, and say why it ends.
      const news = { ...recordingOf(callId, seconds), Digits: "hangup" };
      const action = new URL(verb.action || url, url).href;
      await sendWebhook(carrier, action, callId, news, "completed");
    }
    await tellEnd(carrier, callId);
  };

  await take(carrier.voiceUrl, {});
  return {
    callId,
    get turn() {
      return turn;
    },
    heard,
    async press(key) {
      const pressed = v.parse(keySchema, key);
      const { verb } = waiting();
      switch (verb.verb) {
        case "gather": {
          const now = waiting();
          if (pressed === verb.finishOnKey) return answer({ Digits: now.keys });
          now.keys += pressed;
          return now.keys.length === verb.digits ? answer({ Digits: now.keys }) : null;
        }
        case "record":
          return verb.finishOnKey.includes(pressed) ? record(1) : null;
        case "dial":
          return null;
      }
    },
    record,
    async wait() {
      const { verb, rest, url, keys } = waiting();
      if (verb.verb === "gather" && keys !== "") return answer({ Digits: keys });
      if (verb.verb === "dial") return answer({ DialCallStatus: "no-answer" });
      // What stands behind the question says what follows a silence; nothing there ends the call.
      const next = perform(rest, []);
      if (next.type === "redirect") return take(new URL(next.url, url).href, {});
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
  | { readonly type: "waits"; readonly verb: Waiting; readonly rest: readonly Verb[] }
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
        return { type: "waits", verb, rest: verbs.slice(index + 1) };
      case "record":
      case "dial":
        return { type: "waits", verb, rest: verbs.slice(index + 1) };
      case "redirect":
        return { type: "redirect", url: verb.url };
      case "hangup":
        return { type: "ended" };
    }
  }
  return { type: "ended" };
}

function expectationOf(verb: Waiting): Expectation {
  switch (verb.verb) {
    case "gather":
      return { type: "keys", digits: verb.digits, seconds: verb.seconds };
    case "record":
      return { type: "message", seconds: verb.mostSeconds, finishOnKey: verb.finishOnKey };
    case "dial":
      return { type: "connection", number: verb.number };
  }
}

function soundOf(verb: Extract<Verb, { verb: "say" | "pause" }>, interruptible: boolean): Sound {
  return verb.verb === "pause"
    ? { type: "pause", seconds: verb.seconds, interruptible }
    : { type: "speech", text: verb.text, language: verb.language, interruptible };
}

/** Where this carrier would keep a message. It keeps none: the address leads nowhere (RFC 2606). */
function recordingOf(callId: string, seconds: number): News {
  return {
    RecordingUrl: `https://recordings.handset.invalid/RE-${callId}`,
    RecordingDuration: String(Math.max(1, Math.round(seconds))),
  };
}

async function ask(
  carrier: Carrier,
  url: string,
  callId: string,
  news: News,
): Promise<readonly Verb[]> {
  const response = await sendWebhook(carrier, url, callId, news);
  if (!response.ok) {
    throw new CallError(`The telephone service answered ${response.status} instead of speaking.`);
  }
  return parseTwiml((await response.text()).slice(0, REPLY_CHARACTERS + 1));
}

async function tellEnd(carrier: Carrier, callId: string): Promise<void> {
  if (carrier.statusUrl === null) return;
  await sendWebhook(carrier, carrier.statusUrl, callId, {}, "completed");
}
