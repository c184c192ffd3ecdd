import { describe, expect, it } from "vitest";
import { parseTwiml, TwimlError } from "../src/handset/twiml.ts";

const response = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${inner}</Response>`;

describe("a carrier reads TwiML", () => {
  it("says texts in their language, in American English where none is named", () => {
    expect(
      parseTwiml(
        response('<Say language="de-DE">Guten &amp; schönen Tag</Say><Say> Hello\n there </Say>'),
      ),
    ).toEqual([
      { verb: "say", text: "Guten & schönen Tag", language: "de-DE" },
      { verb: "say", text: "Hello there", language: "en-US" },
    ]);
  });

  it("gathers keys, with the carriers' defaults", () => {
    expect(parseTwiml(response("<Gather/>"))).toEqual([
      { verb: "gather", verbs: [], digits: null, finishOnKey: "#", seconds: 5, action: "" },
    ]);
  });

  it("gathers as many keys as told, saying what stands inside meanwhile", () => {
    const document = response(
      '<Gather input="dtmf" numDigits="8" timeout="12" finishOnKey="" method="POST" action="/next"><Say>Id?</Say><Pause length="2"/></Gather><Redirect method="POST">/again</Redirect><Hangup/>',
    );
    expect(parseTwiml(document)).toEqual([
      {
        verb: "gather",
        digits: 8,
        seconds: 12,
        finishOnKey: "",
        action: "/next",
        verbs: [
          { verb: "say", text: "Id?", language: "en-US" },
          { verb: "pause", seconds: 2 },
        ],
      },
      { verb: "redirect", url: "/again" },
      { verb: "hangup" },
    ]);
  });

  it("records a message, and connects with a number", () => {
    const document = response(
      '<Record maxLength="120" timeout="5" finishOnKey="#" playBeep="true" method="POST" action="/message"/><Dial timeout="30" timeLimit="3600" method="POST" action="/after">+4930123456</Dial>',
    );
    expect(parseTwiml(document)).toEqual([
      { verb: "record", mostSeconds: 120, finishOnKey: "#", action: "/message" },
      { verb: "dial", number: "+4930123456", action: "/after" },
    ]);
  });

  it.each([
    ["an unknown verb", response("<Sms>Hi</Sms>")],
    ["a number that is none", response("<Dial>911</Dial>")],
    ["an unknown attribute", response('<Say voice="alice">Hi</Say>')],
    ["a wrong number of digits", response('<Gather numDigits="0"/>')],
    ["a verb that cannot be gathered in", response("<Gather><Hangup/></Gather>")],
    ["text between verbs", response("Hello")],
    ["another root", "<Reply/>"],
    ["broken XML", "<Response><Say>Hi</Response>"],
    ["nothing", ""],
    ["an endless document", response(`<Say>${"a".repeat(70_000)}</Say>`)],
  ])("refuses %s", (_what, document) => {
    expect(() => parseTwiml(document)).toThrow(TwimlError);
  });

  it("expands no entity of the document's own", () => {
    const bomb =
      '<!DOCTYPE Response [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Response><Say>&b;</Say></Response>';
    expect(() => parseTwiml(bomb)).toThrow(TwimlError);
  });
});
