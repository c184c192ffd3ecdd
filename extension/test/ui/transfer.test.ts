import { describe, expect, test } from "vitest";
import { inFours, transferCode } from "../../src/ui/present/transfer.ts";

const funding = {
  reference: "RF18539007547034",
  holder: "Genossenschaft Süd e. G.",
  iban: "DE89370400440532013000",
  bic: "COBADEFFXXX",
  text: null,
};

describe("the code of a transfer", () => {
  test("has the guideline's lines, the creditor reference where banks check it", () => {
    expect(transferCode(funding)?.split("\n")).toEqual([
      ...["BCD", "002", "1", "SCT", "COBADEFFXXX", "Genossenschaft Süd e. G."],
      ...["DE89370400440532013000", "", "", "RF18539007547034"],
    ]);
  });

  test("says a reference with wrong check digits, or of another kind, in words", () => {
    for (const reference of ["RF19539007547034", "Konto 17"]) {
      const lines = transferCode({ ...funding, bic: null, reference })?.split("\n");
      expect(lines?.slice(4)).toEqual(["", funding.holder, funding.iban, "", "", "", reference]);
    }
  });

  test("is left out where it would be larger than the guideline allows", () => {
    const holder = "\u5149".repeat(70);
    expect(transferCode({ ...funding, holder, reference: holder })).toBeNull();
  });
});

test("references are read in groups of four", () => {
  expect(inFours("RF18539007547034")).toBe("RF18 5390 0754 7034");
  expect(inFours("DE89 3704 004")).toBe("DE89 3704 004");
});
