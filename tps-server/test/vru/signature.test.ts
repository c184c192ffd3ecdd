import { describe, expect, it } from "vitest";
import { type Form, signWebhook, verifyWebhook } from "../../src/vru/signature.ts";

const TOKEN = "12345";
/** The first is the example of the carrier's documentation, the others are made with its own library (6.2.0). */
const VECTORS: readonly (readonly [url: string, form: Form, signature: string])[] = [
  [
    "https://mycompany.com/myapp.php?foo=1&bar=2",
    {
      CallSid: "CA1234567890ABCDE",
      Caller: "+14158675309",
      Digits: "1234",
      From: "+14158675309",
      To: "+18005551212",
    },
    "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
  ],
  [
    "https://tel.example/v1/calls",
    { To: "+49 30 1", Digits: "#*1", CallSid: "CA1" },
    "cI4hYx1G24D+p6R/zePrEHVlMGc=",
  ],
  [
    "https://tel.example/v1/calls?step=2",
    { CallSid: "CA1", Caller: "Jürgen Groß & Söhne <b>" },
    "0hV++2xUOfTV3l1DAjwkaH1MXtQ=",
  ],
  [
    "https://tel.example/v1/calls",
    { b: ["2", "1", "2"], B: "x", a: "" },
    "cbYY/9KoMaX8lB/N8oxNrKDfY2k=",
  ],
  ["http://[::1]:80/v1/calls", { CallSid: "CA1" }, "v2lMUde0lNr2hEPdwF3fBIjIHEM="],
];

describe("a webhook's signature", () => {
  it.each(VECTORS)("is the one that the carrier's own code makes: %s", (url, form, signature) => {
    expect(signWebhook(TOKEN, url, form)).toBe(signature);
    expect(verifyWebhook(TOKEN, url, form, signature)).toBe(true);
  });

  it("is accepted with and without a port, for carriers differ", () => {
    const form = { CallSid: "CA1" };
    const url = (port: string) => `https://tel.example${port}/v1/calls?step=2`;
    const bare = "YjlQevSVW0vL3vlNiR2AijbMd3U=";
    const standard = "DXJqfAUC/H77EDrhguzVO7FvrMM=";
    expect(verifyWebhook(TOKEN, url(""), form, standard)).toBe(true);
    expect(verifyWebhook(TOKEN, url(":443"), form, bare)).toBe(true);
    expect(verifyWebhook(TOKEN, url(":8443"), form, bare)).toBe(true);
    expect(verifyWebhook(TOKEN, url(":8443"), form, "V0bx6oJkXzfCFfWEYZAGlOll4y8=")).toBe(true);
    expect(verifyWebhook(TOKEN, url(""), form, "V0bx6oJkXzfCFfWEYZAGlOll4y8=")).toBe(false);
  });

  const url = "https://tel.example/v1/calls?step=2";
  const form = { CallSid: "CA1", Digits: "12345678" };
  const good = signWebhook(TOKEN, url, form);
  it.each<readonly [string, string, string, Form, string | undefined]>([
    ["another token", "12346", url, form, good],
    ["another step", TOKEN, url.replace("2", "3"), form, good],
    ["another host", TOKEN, url.replace("tel.", "let."), form, good],
    ["other digits", TOKEN, url, { ...form, Digits: "12345679" }, good],
    ["a field more", TOKEN, url, { ...form, Extra: "" }, good],
    ["a field less", TOKEN, url, { CallSid: "CA1" }, good],
    ["a value that comes twice", TOKEN, url, { ...form, CallSid: ["CA1", "CA2"] }, good],
    ["one character changed", TOKEN, url, form, `A${good.slice(1)}`],
    ["one character more", TOKEN, url, form, `${good}=`],
    ["nothing", TOKEN, url, form, ""],
    ["none", TOKEN, url, form, undefined],
  ])("does not verify with %s", (_what, token, at, fields, signature) => {
    expect(good.startsWith("A")).toBe(false);
    expect(verifyWebhook(token, at, fields, signature)).toBe(false);
  });
});
