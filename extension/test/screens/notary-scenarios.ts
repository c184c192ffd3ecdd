/** A purchase that is notarized: the file, "not yet", and what an operator did to its log. */
import type { Page } from "playwright";
import type { NotarizationView } from "../../src/messages.ts";
import { complete } from "./fixtures.ts";
import { base, fail, ok, type Scenario } from "./scenario.ts";

const press = (page: Page) => page.locator("section[aria-labelledby=notary-title] button").click();

const purchase = (name: string, notarize: Scenario["answers"]["notarize"]): Scenario => ({
  name: `notary-${name}`,
  page: `home.html#/purchases/${complete.purchaseId}`,
  answers: { ...base, purchase: ok(complete), ...(notarize ? { notarize } : {}) },
  wide: true,
  act: async (page) => {
    await press(page);
    await page.getByRole("alert").waitFor();
  },
});

const alarm = (reason: "shrunk" | "forked", operator: string): NotarizationView => ({
  outcome: "alarm",
  reason,
  operator,
  filename: "log-evidence-2026-11-22.txt",
  text: "Two checkpoints",
});

export const notaryScenarios: readonly Scenario[] = [
  purchase(
    "saved",
    ok({ outcome: "notarized", filename: "payment-2026-11-22-Zm9vYmFy.tlog-proof", text: "" }),
  ),
  purchase("awaited", ok({ outcome: "awaited", seconds: 60 })),
  purchase("awaited-long", ok({ outcome: "awaited", seconds: 3_600 })),
  purchase("forked", ok(alarm("forked", "Regiogeld Holzkirchen eG"))),
  purchase(
    "shrunk",
    ok(alarm("shrunk", "Genossenschaftliche Verrechnungsstelle Oberbayerischer Regionalwährungen")),
  ),
  purchase(
    "unreadable",
    fail("log-unreadable", "The log's tiles do not add up to its checkpoint."),
  ),
];
