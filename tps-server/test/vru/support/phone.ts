/**
 * A telephone and its carrier: calls the VRU's webhooks, signs them, and does what the TwiML says. It shares no
 * code with the VRU: the signature is made here after the carriers' description, the XML is read by a parser.
 */
import { createHmac } from "node:crypto";
import { DOMParser, type Element } from "@xmldom/xmldom";

/** How a carrier reaches the VRU. */
export interface Carrier {
  /** The address that the operator configured; actions name it and signatures are over it. */
  readonly publicUrl: string;
  /** Where that leads at the moment. */
  readonly address: () => string;
  readonly token: string;
}

/** What a `Gather`, `Record` or `Dial` waits for. */
interface Listening {
  readonly verb: "Gather" | "Record" | "Dial";
  readonly action: string;
  readonly numDigits: number;
  readonly finishOnKey: string;
  /** The verbs that follow when nothing is keyed in, or said. */
  readonly rest: readonly Element[];
}

const MOST_DOCUMENTS_WITHOUT_A_KEY = 10;
const ALLOWED: Record<string, readonly string[]> = {
  Say: ["language"],
  Pause: ["length"],
  Gather: ["input", "numDigits", "timeout", "finishOnKey", "method", "action"],
  Record: ["maxLength", "timeout", "finishOnKey", "playBeep", "method", "action"],
  Dial: ["timeout", "timeLimit", "method", "action"],
  Redirect: ["method"],
  Hangup: [],
};

/** What carriers say of a recording. */
const RECORDING = {
  RecordingUrl: "https://api.carrier.example/2010-04-01/Accounts/AC0/Recordings/RE1",
  RecordingSid: "RE1",
  RecordingDuration: "17",
};

let calls = 0;

/** A call in progress. */
export class Call {
  /** What was said since the caller last did something; each sentence with its language. */
  heard: string[] = [];
  /** Everything ever said. */
  readonly transcript: string[] = [];
  readonly callId: string;
  /** Number with which the call is connected. */
  dialled: string | undefined;
  /** What the carrier tells of who calls. */
  readonly #from: string;
  readonly #carrier: Carrier;
  #listening: Listening | undefined;
  #documents = 0;

  /** Each call comes from a number of its own unless told. */
  constructor(carrier: Carrier, options: { callId?: string; from?: string } = {}) {
    calls += 1;
    this.#carrier = carrier;
    this.callId = options.callId ?? `CA${String(calls).padStart(32, "0")}`;
    this.#from = options.from ?? `+49151${String(calls).padStart(8, "0")}`;
  }

  /** Dials; listens until the VRU asks something or hangs up. */
  async dial(): Promise<this> {
    await this.#fetch(`${this.#carrier.publicUrl}/v1/calls`, {});
    return this;
  }

  get over(): boolean {
    return this.#listening === undefined;
  }

  get action(): string {
    if (this.#listening === undefined) throw new Error("The call is over.");
    return this.#listening.action;
  }

  /** The call waits for a message after the tone. */
  get recording(): boolean {
    return this.#listening?.verb === "Record";
  }

  /** Presses keys; the carrier sends them when there are enough, at the closing key, or after a while. */
  async press(keys: string): Promise<this> {
    const { numDigits, finishOnKey, action } = this.#expect("Gather");
    const end = finishOnKey === "" ? -1 : keys.indexOf(finishOnKey);
    const digits = (end < 0 ? keys : keys.slice(0, end)).slice(0, numDigits);
    this.#begin();
    if (digits === "") await this.#silence();
    else await this.#fetch(action, { Digits: digits });
    return this;
  }

  /** Says and presses nothing. */
  async wait(): Promise<this> {
    this.#begin();
    await this.#silence();
    return this;
  }

  /** Speaks after the tone and presses the key that ends it. */
  async speak(recording: Record<string, string> = RECORDING): Promise<this> {
    const { action, finishOnKey } = this.#expect("Record");
    this.#begin();
    await this.#fetch(action, { ...recording, Digits: finishOnKey });
    return this;
  }

  /** Speaks after the tone and hangs up; carriers hand in the recording before or after the end of the call. */
  async hangUpWhileSpeaking(handedIn: "before" | "after"): Promise<void> {
    const { action } = this.#expect("Record");
    const handIn = async () => {
      const fields = { ...RECORDING, Digits: "hangup", CallStatus: "completed" };
      const { status } = await this.post(action, fields);
      if (status !== 200) throw new Error(`The recording was answered ${status}.`);
    };
    if (handedIn === "before") await handIn();
    await this.hangUp();
    if (handedIn === "after") await handIn();
  }

  /** The other number was called: what came of it. */
  async dialEnds(outcome: "completed" | "busy" | "no-answer" | "failed"): Promise<this> {
    const { action } = this.#expect("Dial");
    this.#begin();
    await this.#fetch(action, { DialCallStatus: outcome });
    return this;
  }

  /** Hangs up; the carrier calls back with the call's status. */
  async hangUp(): Promise<void> {
    this.#listening = undefined;
    const { status } = await this.post(`${this.#carrier.publicUrl}/v1/calls`, {
      CallStatus: "completed",
    });
    if (status !== 200) throw new Error(`The status callback was answered ${status}.`);
  }

  /** One webhook, signed as carriers do. */
  async post(
    url: string,
    fields: Record<string, string>,
    token = this.#carrier.token,
  ): Promise<{ status: number; type: string | null; body: string }> {
    const form: Record<string, string> = {
      CallSid: this.callId,
      AccountSid: "AC00000000000000000000000000000000",
      From: this.#from,
      Caller: this.#from,
      To: "+4930000000",
      CallStatus: "in-progress",
      ApiVersion: "2010-04-01",
      ...fields,
    };
    const sorted = Object.keys(form).sort();
    const signed = url + sorted.map((name) => `${name}${form[name]}`).join("");
    const response = await fetch(url.replace(this.#carrier.publicUrl, this.#carrier.address()), {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": createHmac("sha1", token).update(signed).digest("base64"),
      },
      body: new URLSearchParams(form).toString(),
    });
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      body: await response.text(),
    };
  }

  #expect(verb: Listening["verb"]): Listening {
    if (this.#listening?.verb !== verb) {
      throw new Error(
        `The call does not wait in a ${verb}: ${this.#listening?.verb ?? "it is over"}.`,
      );
    }
    return this.#listening;
  }

  #begin(): void {
    this.heard = [];
    this.#documents = 0;
  }

  async #silence(): Promise<void> {
    const rest = this.#listening?.rest ?? [];
    this.#listening = undefined;
    await this.#run(rest);
  }

  async #fetch(url: string, fields: Record<string, string>): Promise<void> {
    this.#listening = undefined;
    this.#documents += 1;
    if (this.#documents > MOST_DOCUMENTS_WITHOUT_A_KEY) throw new Error("The VRU never stops.");
    const { status, type, body } = await this.post(url, fields);
    if (status !== 200) throw new Error(`The webhook was answered ${status}: ${body}`);
    if (!type?.startsWith("text/xml")) throw new Error(`The answer is ${type}, not XML.`);
    await this.#run(readTwiml(body));
  }

  async #run(verbs: readonly Element[]): Promise<void> {
    for (const [index, verb] of verbs.entries()) {
      switch (verb.tagName) {
        case "Say":
          this.#hear(verb);
          break;
        case "Pause":
          break;
        case "Gather":
          for (const inner of elementsOf(verb)) this.#hear(inner);
          this.#listening = {
            verb: "Gather",
            action: attribute(verb, "action"),
            numDigits: Number(attribute(verb, "numDigits")),
            finishOnKey: attribute(verb, "finishOnKey"),
            rest: verbs.slice(index + 1),
          };
          return;
        case "Record":
        case "Dial":
          if (verb.tagName === "Dial") this.dialled = verb.textContent ?? "";
          this.#listening = {
            verb: verb.tagName,
            action: attribute(verb, "action"),
            numDigits: 0,
            finishOnKey: verb.getAttribute("finishOnKey") ?? "",
            rest: verbs.slice(index + 1),
          };
          return;
        case "Redirect":
          await this.#fetch(verb.textContent ?? "", {});
          return;
        case "Hangup":
          return;
        default:
          throw new Error(`There is no TwiML verb ${verb.tagName}.`);
      }
    }
  }

  #hear(verb: Element): void {
    const sentence = `${attribute(verb, "language")}: ${verb.textContent}`;
    this.heard.push(sentence);
    this.transcript.push(sentence);
  }
}

/** The verbs of a document; throws when it is not well formed or has anything that carriers do not know. */
export function readTwiml(xml: string): Element[] {
  const parser = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  const root = parser.parseFromString(xml, "text/xml").documentElement;
  if (root?.tagName !== "Response") throw new Error("A TwiML document is a Response.");
  const verbs = elementsOf(root);
  for (const verb of verbs.flatMap((verb) => [verb, ...elementsOf(verb)])) {
    for (const { name } of Array.from(verb.attributes)) {
      if (!ALLOWED[verb.tagName]?.includes(name)) {
        throw new Error(`${verb.tagName} has no attribute ${name}.`);
      }
    }
  }
  return verbs;
}

/** The digits that were spelt: `4 … 8 … 2`. */
export function speltDigits(heard: readonly string[], length: number): string[] {
  const spelt = new RegExp(`(?<![0-9]|… )[0-9](?: … [0-9]){${length - 1}}(?! …|[0-9])`, "g");
  return heard.flatMap((sentence) =>
    [...sentence.matchAll(spelt)].map(([digits]) => digits.replaceAll(" … ", "")),
  );
}

function elementsOf(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node) => node.nodeType === 1) as Element[];
}

function attribute(verb: Element, name: string): string {
  const value = verb.getAttribute(name);
  if (value === null) throw new Error(`${verb.tagName} lacks ${name}.`);
  return value;
}
