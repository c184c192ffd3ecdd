// The recording, the checks' results, and PROTOCOL.md's section 9 on the messages' HTTP side.
import { demand, Failure, fromBase64url } from "./bytes.mjs";
import { isOrigin } from "./types.mjs";

/**
 * @typedef {{ step: number, from: string, to: string, method?: string, url?: string, status?: number,
 *   headers?: Record<string, string | string[]>, body: string }} Message
 * @typedef {{ description?: string, now: number, pageOrigin: string, keyList: string, messages: Message[],
 *   keys: { root: string, tpsSealing: { private: string }[], merchantSealing: string, device: string,
 *     modifiedPin: string, pin?: string, modifier?: string, nextModifiedPin?: string } }} Recording
 * @typedef {{ step: number, what: string, ok: boolean, why?: string }} Result
 */

/** Runs checks and keeps their results; one that cannot run for want of an earlier one fails too. */
export class Checks {
  /** @type {Result[]} */
  results = [];

  /**
   * @template T
   * @param {number} step
   * @param {string} what
   * @param {() => T} run
   * @returns {T | undefined} nothing if it failed
   */
  check(step, what, run) {
    try {
      const value = run();
      this.results.push({ step, what, ok: true });
      return value;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.results.push({ step, what, ok: false, why: error.message });
      return undefined;
    }
  }
}

/**
 * @template T
 * @param {T | undefined} value
 * @param {string} what
 * @returns {T}
 */
export function need(value, what) {
  if (value === undefined) throw new Failure(`cannot be checked without ${what}`);
  return value;
}

const isObject = (/** @type {any} */ v) => typeof v === "object" && v !== null;

/**
 * Throws a Failure where the file is no recording at all.
 * @param {any} value
 * @returns {Recording}
 */
export function readRecording(value) {
  demand(isObject(value), "the recording is not a JSON object");
  demand(Number.isSafeInteger(value.now), "`now` is not a number of seconds");
  demand(isOrigin(value.pageOrigin), "`pageOrigin` is not an origin");
  demand(typeof value.keyList === "string", "`keyList` is not a JWS");
  demand(isObject(value.keys), "`keys` is missing");
  for (const name of ["root", "merchantSealing", "device", "modifiedPin"]) {
    try {
      fromBase64url(value.keys[name], 32);
    } catch {
      throw new Failure(`keys.${name} is not base64url of 32 bytes`);
    }
  }
  demand(Array.isArray(value.keys.tpsSealing), "keys.tpsSealing is not a list");
  for (const key of value.keys.tpsSealing) fromBase64url(key?.private, 32);
  demand(Array.isArray(value.messages), "`messages` is not a list");
  for (const [i, message] of value.messages.entries()) {
    demand(
      isObject(message) && Number.isInteger(message.step) && typeof message.body === "string",
      `messages[${i}] has no step and body`,
    );
  }
  return value;
}

/** @type {Record<number, [from: string, to: string]>} */
const WAY = {
  2: ["MTS", "CTS"],
  3: ["CTS", "MTS"],
  4: ["MTS", "CTS"],
  5: ["CTS", "TPS"],
  6: ["TPS", "CTS"],
  7: ["CTS", "MTS"],
  8: ["MTS", "CTS"],
  9: ["CTS", "MTS"],
  10: ["MTS", "CTS"],
};

/** @param {Message[]} messages */
export function checkOrder(messages) {
  const steps = messages.map(({ step }) => step);
  const expected = [2, 3, 4, 5, 6, 7, 8];
  for (let i = 7; i < steps.length; i += 1) expected.push(i % 2 === 1 ? 9 : 10);
  if (expected.length % 2 === 0) expected.push(10);
  demand(
    steps.join() === expected.join(),
    `the steps are ${steps.join(", ")} and not ${expected.join(", ")}`,
  );
  for (const { step, from, to } of messages) {
    const way = WAY[step];
    demand(way?.[0] === from && way[1] === to, `step ${step} goes from ${from} to ${to}`);
  }
}

/** @param {Message} message */
function headersOf(message) {
  /** @type {Map<string, string>} */
  const headers = new Map();
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    headers.set(name.toLowerCase(), String(value));
  }
  return headers;
}

/**
 * A request of the wallet: POST, without Content-Type or anything that names the customer.
 * @param {Message} message
 */
export function checkRequestHttp(message) {
  demand(message.method === "POST", `method ${message.method}`);
  const headers = headersOf(message);
  for (const name of ["content-type", "cookie", "authorization"]) {
    demand(!headers.has(name), `has a header ${name}`);
  }
}

/**
 * A reply: 200 and, where headers were recorded, the ones of section 9.
 * @param {Message} message
 * @param {string} mediaType
 */
export function checkReplyHttp(message, mediaType) {
  demand(message.status === 200, `status ${message.status}`);
  const headers = headersOf(message);
  if (headers.size === 0) return;
  const type = headers.get("content-type") ?? "absent";
  demand(type.split(";")[0]?.trim().toLowerCase() === mediaType, `Content-Type ${type}`);
  const cache = headers.get("cache-control") ?? "absent";
  demand(/(^|,)\s*no-store\s*(,|$)/i.test(cache), `Cache-Control ${cache}`);
  const cors = headers.get("access-control-allow-origin") ?? "absent";
  demand(cors === "*", `Access-Control-Allow-Origin ${cors}`);
  demand(!headers.has("access-control-allow-credentials"), "Access-Control-Allow-Credentials");
}
