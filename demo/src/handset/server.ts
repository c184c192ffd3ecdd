/**
 * The handset's own small server: serves the page, holds the calls, signs the webhooks. The page talks to it
 * alone; it never sees the secret that carrier and telephone service share.
 */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import express, { type ErrorRequestHandler, type Express, type Response } from "express";
import * as v from "valibot";
import { languageOf } from "../language.ts";
import { type Call, CallError, placeCall, type Turn } from "./call.ts";
import type { Carrier } from "./carrier.ts";
import { handsetPage, type PrintedLetter } from "./page.ts";
import { TwimlError } from "./twiml.ts";

/** What the handset is given. */
export interface HandsetDeps {
  readonly carrier: Carrier;
  /** The letter that lies beside the telephone; null: none. */
  readonly letter: PrintedLetter | null;
}

/** Calls held at once; the oldest is hung up for a new one, for a page may have been closed in mid-call. */
const MOST_CALLS = 20;
const keyBody = v.strictObject({ key: v.pipe(v.string(), v.regex(/^[0-9*#]$/)) });
const nothing = v.strictObject({});
const secondsBody = v.strictObject({
  seconds: v.pipe(v.number(), v.minValue(0), v.maxValue(3_600)),
});

/** The handset as an Express application. */
export function createHandset({ carrier, letter }: HandsetDeps): Express {
  const calls = new Map<string, Call>();
  const file = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");
  const files = {
    "/handset.css": ["text/css", file("handset.css")],
    "/handset.js": ["text/javascript", stripTypeScriptTypes(file("handset.ts"))],
    // The page's script imports it by this name.
    "/tones.ts": ["text/javascript", stripTypeScriptTypes(file("tones.ts"))],
    "/icon.svg": ["image/svg+xml", file("icon.svg")],
  } as const;

  const app = express();
  app.disable("x-powered-by");
  app.use((_request, response, next) => {
    response.set({
      "content-security-policy":
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    next();
  });
  app.get("/", (request, response) => {
    response.type("html").send(handsetPage(languageOf(request), letter).text);
  });
  for (const [path, [type, text]] of Object.entries(files)) {
    app.get(path, (_request, response) => void response.type(type).send(text));
  }

  // JSON only: another page's script would need our permission (CORS) to send it, and does not get it.
  app.use("/calls", express.json({ limit: "1kb", type: "application/json" }));
  app.post("/calls", async (request, response) => {
    v.parse(nothing, request.body);
    const oldest = calls.size >= MOST_CALLS ? calls.entries().next().value : undefined;
    if (oldest !== undefined) {
      calls.delete(oldest[0]);
      await oldest[1].hangUp();
    }
    const call = await placeCall(carrier);
    calls.set(call.callId, call);
    response.json({ callId: call.callId, turn: call.turn });
  });
  app.post("/calls/:callId/keys", async (request, response) => {
    const { key } = v.parse(keyBody, request.body);
    await answer(response, request.params.callId, (call) => call.press(key));
  });
  app.post("/calls/:callId/record", async (request, response) => {
    const { seconds } = v.parse(secondsBody, request.body);
    await answer(response, request.params.callId, (call) => call.record(seconds));
  });
  app.post("/calls/:callId/wait", async (request, response) => {
    v.parse(nothing, request.body);
    await answer(response, request.params.callId, (call) => call.wait());
  });
  app.post("/calls/:callId/hang-up", async (request, response) => {
    const { seconds } = v.parse(secondsBody, request.body);
    await answer(response, request.params.callId, async (call) => {
      await call.hangUp(seconds);
      return call.turn;
    });
  });
  app.use(problem);
  return app;

  async function answer(
    response: Response,
    callId: string,
    act: (call: Call) => Promise<Turn | null>,
  ): Promise<void> {
    const call = calls.get(callId);
    if (call === undefined) {
      response.status(404).json({ detail: "There is no such call. Call again." });
      return;
    }
    const turn = await act(call);
    if (call.turn.expects.type === "nothing") calls.delete(callId);
    response.json({ turn });
  }
}

const problem: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof CallError || error instanceof TwimlError) {
    response.status(502).json({ detail: error.message });
  } else if (v.isValiError(error) || (error instanceof Error && "status" in error)) {
    response.status(400).json({ detail: "The page sent something that no telephone has." });
  } else {
    response.status(502).json({ detail: "The telephone service could not be reached." });
  }
};
