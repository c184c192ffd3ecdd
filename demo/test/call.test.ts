import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { signWebhook as signAsTheServiceDoes } from "@chit/tps-server/vru";
import { afterEach, describe, expect, it } from "vitest";
import { CallError, placeCall } from "../src/handset/call.ts";
import { type Carrier, signWebhook } from "../src/handset/carrier.ts";
import { choose, identify, keyFor, numberTold, pressKeys } from "../src/handset/driver.ts";
import { hearPin } from "../src/handset/pin.ts";

const TOKEN = "a secret of carrier and service";
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Heard {
  readonly path: string;
  readonly form: Record<string, string>;
  readonly signature: string | undefined;
}

/** A telephone service over real HTTP that answers each path with a document. */
async function serve(
  answers: Record<string, string | ((form: Record<string, string>) => string)>,
): Promise<{ carrier: Carrier; heard: Heard[]; url: string }> {
  const heard: Heard[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const form = Object.fromEntries(new URLSearchParams(body));
    const path = request.url ?? "";
    heard.push({ path, form, signature: String(request.headers["x-twilio-signature"]) });
    const answer = answers[path];
    if (answer === undefined) response.statusCode = 404;
    const inner = typeof answer === "function" ? answer(form) : answer;
    response.end(`<Response>${inner}</Response>`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const carrier = {
    fetch,
    voiceUrl: `${url}/start`,
    statusUrl: `${url}/status`,
    authToken: TOKEN,
    newCallId: () => "CA1",
  };
  return { carrier, heard, url };
}

const menu = '<Gather numDigits="1" finishOnKey="" action="/menu"><Say>Press 1.</Say></Gather>';

describe("a call", () => {
  it("tells the service who calls, signed as the service checks it", async () => {
    const { carrier, heard, url } = await serve({ "/start": `${menu}<Hangup/>` });
    await placeCall(carrier);
    expect(heard[0]?.form).toMatchObject({ CallSid: "CA1", CallStatus: "in-progress" });
    const form = heard[0]?.form ?? {};
    expect(heard[0]?.signature).toBe(signAsTheServiceDoes(TOKEN, `${url}/start`, form));
  });

  it("signs as carriers document it", () => {
    // The example in the tests of Twilio's own libraries.
    const form = {
      CallSid: "CA1234567890ABCDE",
      Caller: "+14158675309",
      Digits: "1234",
      From: "+14158675309",
      To: "+18005551212",
    };
    const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    expect(signWebhook("12345", url, form)).toBe("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  });

  it("tells the keys when there are enough of them, and not before", async () => {
    const { carrier, heard } = await serve({
      "/start": '<Gather numDigits="3" action="/three"/>',
      "/three": ({ Digits }) => `<Say>${Digits}</Say><Hangup/>`,
    });
    const call = await placeCall(carrier);
    expect(await call.press("4")).toBeNull();
    expect(await call.press("2")).toBeNull();
    expect(heard).toHaveLength(1);
    expect((await call.press("0"))?.expects).toEqual({ type: "nothing" });
    expect(call.heard).toEqual(["420"]);
  });

  it("takes the finishing key for done, and does not tell it", async () => {
    const { carrier } = await serve({
      "/start": '<Gather finishOnKey="#" action="/done"/>',
      "/done": ({ Digits }) => `<Say>${Digits}</Say>`,
    });
    const call = await placeCall(carrier);
    for (const key of "12#") await call.press(key);
    expect(call.heard).toEqual(["12"]);
  });

  it("goes on behind the question when nobody answers", async () => {
    const { carrier } = await serve({
      "/start": `${menu}<Redirect>/again</Redirect>`,
      "/again": "<Say>Are you there?</Say><Hangup/>",
    });
    const call = await placeCall(carrier);
    expect(await call.wait()).toMatchObject({ expects: { type: "nothing" } });
    expect(call.heard).toEqual(["Press 1.", "Are you there?"]);
  });

  it("says which words a key may cut short", async () => {
    const { carrier } = await serve({ "/start": `<Say>First.</Say>${menu}` });
    const { turn } = await placeCall(carrier);
    expect(turn.sounds.map((sound) => sound.interruptible)).toEqual([false, true]);
  });

  const record =
    '<Record maxLength="120" finishOnKey="#" action="/message"/><Redirect>/nothing-said</Redirect>';

  it("hands in a message that was spoken after the tone, and only its address", async () => {
    const { carrier, heard } = await serve({ "/start": record, "/message": "<Hangup/>" });
    const call = await placeCall(carrier);
    expect(call.turn.expects).toEqual({ type: "message", seconds: 120, finishOnKey: "#" });
    expect(await call.press("5")).toBeNull();
    await call.record(17.4);
    expect(heard[1]).toMatchObject({
      path: "/message",
      form: { RecordingDuration: "17", RecordingUrl: expect.stringMatching(/^https:/) },
    });
  });

  it("goes on behind the tone when nothing was said", async () => {
    const { carrier, heard } = await serve({ "/start": record, "/nothing-said": "<Hangup/>" });
    await (await placeCall(carrier)).wait();
    expect(heard[1]).toMatchObject({ path: "/nothing-said" });
    expect(heard[1]?.form).not.toHaveProperty("RecordingUrl");
  });

  it("hands in what was said before the caller hung up, and says so", async () => {
    const { carrier, heard } = await serve({ "/start": record, "/message": "" });
    await (await placeCall(carrier)).hangUp(3);
    const message = { Digits: "hangup", CallStatus: "completed", RecordingDuration: "3" };
    expect(heard.slice(1)).toMatchObject([
      { path: "/message", form: message },
      { path: "/status", form: { CallStatus: "completed" } },
    ]);
  });

  it("connects with another number, where nobody answers", async () => {
    const { carrier, heard } = await serve({
      "/start": '<Say>I connect you.</Say><Dial action="/after">+4930123456</Dial>',
      "/after": `<Say>Nobody there.</Say>${menu}`,
    });
    const call = await placeCall(carrier);
    expect(call.turn.expects).toEqual({ type: "connection", number: "+4930123456" });
    await call.wait();
    expect(heard[1]?.form.DialCallStatus).toBe("no-answer");
    expect(call.heard).toContain("Nobody there.");
  });

  it("tells the service when it ends, whoever ends it", async () => {
    const { carrier, heard } = await serve({ "/start": menu });
    const call = await placeCall(carrier);
    await call.hangUp();
    await call.hangUp();
    expect(heard.filter(({ path }) => path === "/status")).toHaveLength(1);
    expect(heard.at(-1)?.form.CallStatus).toBe("completed");
    await expect(call.press("1")).rejects.toThrow(CallError);
  });

  it("fails when the service refuses it", async () => {
    const { carrier } = await serve({});
    await expect(placeCall(carrier)).rejects.toThrow(/404/);
  });

  it("fails when the service redirects in circles", async () => {
    const { carrier } = await serve({ "/start": "<Redirect>/start</Redirect>" });
    await expect(placeCall(carrier)).rejects.toThrow(/circles/);
  });
});

describe("a call for a PIN", () => {
  const service = (first: string, second = first) => ({
    "/start": '<Gather numDigits="1" finishOnKey="" action="/id"/>',
    "/id": '<Gather numDigits="8" action="/passcode"/>',
    "/passcode": '<Gather numDigits="8" action="/compare"/>',
    "/compare":
      '<Gather numDigits="1" finishOnKey="" action="/pin"><Say>A new wallet waits for its PIN. Its check number is 4 … 7 … 1 … 1.</Say><Say>If it is the same, press 1. If not, press 2.</Say></Gather>',
    "/pin": `<Say>${first}</Say><Say>Once more:</Say><Say>${second}</Say><Gather numDigits="1" action="/pin"/>`,
  });
  const keys = { telephoneId: "12345678", passcode: "87654321" };
  const pin = "1 … 2 … 3 … 4 … 5 … 6";

  it("hears the PIN and the check number", async () => {
    const { carrier, heard } = await serve(service(pin));
    const call = await placeCall(carrier);
    expect(await hearPin(call, keys, "de", "4711")).toEqual({
      pin: "123456",
      checkNumber: "4711",
      payments: null,
    });
    const digits = heard.map(({ form }) => form.Digits);
    expect(digits).toEqual([undefined, "2", "12345678", "87654321", "1", undefined]);
  });

  it("finds its way through the menus, and to the wallet with the check number", async () => {
    const gather = (action: string, ...said: string[]) =>
      `<Gather numDigits="1" finishOnKey="" action="${action}">${said.map((text) => `<Say>${text}</Say>`).join("")}</Gather>`;
    const { carrier, heard } = await serve({
      ...service(pin),
      "/compare": gather(
        "/wallets",
        "Für eine neue PIN und Ihre Geldbörsen drücken Sie die 1.",
        "Für Ihr Guthaben drücken Sie die 2.",
      ),
      "/wallets": gather(
        "/wallet",
        "Für Chromium, Prüfnummer 0 … 8 … 1 … 5, drücken Sie die 1.",
        "Für Chromium, Prüfnummer 4 … 7 … 1 … 1, drücken Sie die 2.",
      ),
      "/wallet": gather("/pin", "Chromium.", "Für eine neue PIN drücken Sie die 1."),
    });
    const told = await hearPin(await placeCall(carrier), keys, "de", "4711");
    expect(told).toMatchObject({ pin: "123456", checkNumber: null });
    expect(heard.slice(4).map(({ form }) => form.Digits)).toEqual(["1", "2", "1", undefined]);
  });

  it.each([
    ["en", "Number of payments of this wallet so far: 12. Enter that too."],
    ["de", "Zahlungen dieser Geldbörse bisher: 12. Geben Sie auch das ein."],
  ] as const)("hears how many payments there were (%s)", async (language, told) => {
    const pages = service(pin);
    const { carrier } = await serve({ ...pages, "/pin": `<Say>${told}</Say>${pages["/pin"]}` });
    const { payments } = await hearPin(await placeCall(carrier), keys, language);
    expect(payments).toBe(12);
  });

  it("hangs up when the check number is another wallet's", async () => {
    const { carrier, heard } = await serve(service(pin));
    await expect(hearPin(await placeCall(carrier), keys, "en", "0000")).rejects.toThrow(/4711/);
    expect(heard.map(({ path }) => path)).not.toContain("/pin");
    expect(heard.at(-1)?.path).toBe("/status");
  });

  it("believes no PIN that was told twice differently", async () => {
    const { carrier } = await serve(service(pin, "6 … 5 … 4 … 3 … 2 … 1"));
    await expect(hearPin(await placeCall(carrier), keys, "en")).rejects.toThrow(CallError);
  });
});

describe("a person on the telephone", () => {
  const menus =
    '<Gather numDigits="1" finishOnKey="" action="/menu"><Say>For your balance, press 2.</Say><Say>Compare it. If it is the same, press 1. If not, press 3.</Say></Gather>';

  it("presses the key that is offered for something, and hears what comes of it", async () => {
    const { carrier, heard } = await serve({
      "/start": '<Gather numDigits="1" finishOnKey="" action="/id"/>',
      "/id": '<Gather numDigits="8" action="/passcode"/>',
      "/passcode": '<Gather numDigits="8" action="/menu"/>',
      "/menu": ({ Digits }) => `<Say>Pressed ${Digits}.</Say>${menus}`,
    });
    const call = await placeCall(carrier);
    await identify(call, { telephoneId: "11112222", passcode: "33334444" }, "en");
    expect(heard.map(({ form }) => form.Digits)).toEqual([undefined, "1", "11112222", "33334444"]);
    expect((await choose(call, /balance/))[0]).toBe("Pressed 2.");
    expect((await choose(call, /^If not/))[0]).toBe("Pressed 3.");
    expect((await pressKeys(call, "*"))[0]).toBe("Pressed *.");
    expect(keyFor(call, /nonsense/)).toBeUndefined();
    await expect(choose(call, /nonsense/)).rejects.toThrow(CallError);
  });

  it("believes a number that is told twice alike", () => {
    expect(numberTold(["Your number:", "4 … 7", "Once more:", "4 … 7"])).toBe("47");
    expect(numberTold(["4 … 7", "7 … 4"])).toBeUndefined();
    expect(numberTold(["4 … 7"])).toBeUndefined();
  });
});
