/** Texts of others in CSV files start no formula inside of their cell. */
import { spreadsheetText } from "@chit/protocol";
import { expect, test } from "vitest";

test.each([
  ["Tea;=1+1", "Tea;'=1+1"],
  ["Tea; =1+1", "Tea; '=1+1"],
  ["a;-1;+1;@A1\t=2", "a;'-1;'+1;'@A1\t'=2"],
  ["Tea; milk, 1-2 = -1", "Tea; milk, 1-2 = -1"],
  ["", ""],
])("%j is written as %j", (text, cell) => {
  expect(spreadsheetText(text)).toBe(cell);
});
