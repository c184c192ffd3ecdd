import { formatActivationLink, parseActivationLink } from "@chit/protocol";
import { describe, expect, test } from "vitest";
import { activationLinkOf, isActivationCode } from "../../src/ui/present/activation.ts";

const link = formatActivationLink({
  issuer: "https://pay.example",
  secret: new Uint8Array(16).fill(7),
  rootKey: new Uint8Array(32).fill(9),
});
const code = link.slice(link.indexOf("#") + 1);

describe("an activation code from a letter", () => {
  test.each([code, `#${code}`, ` ${code.slice(0, 30)}\n  ${code.slice(30)} `])(
    "%j needs the operator's address, and no link does",
    (text) => {
      expect(isActivationCode(text)).toBe(true);
      expect(isActivationCode(link)).toBe(false);
    },
  );

  test.each(["pay.example", "https://pay.example", " pay.example/ "])(
    "with the address %j is the operator's link",
    (address) => {
      expect(activationLinkOf(code, address)).toBe(link);
      expect(parseActivationLink(activationLinkOf(code, address)).issuer).toBe(
        "https://pay.example",
      );
    },
  );

  test("keeps http and the port of an operator on this computer", () => {
    expect(activationLinkOf(code, "http://localhost:8420")).toBe(
      `http://localhost:8420/activate#${code}`,
    );
  });

  test("leaves a link as it was pasted", () => {
    expect(activationLinkOf(` ${link}\n`, "")).toBe(link);
  });
});
