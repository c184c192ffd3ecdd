// `npm run screens [-- name …]`: pictures of every screen of the built wallet into .screenshots/, with axe's verdict.
import { mkdirSync, rmSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type BrowserContext, chromium, type Page } from "playwright";
import { browserFlags, ensureBrowser } from "../../../scripts/find-browser.ts";
import { afterSaleScenarios } from "./after-sale-scenarios.ts";
import { backupScenarios } from "./backup-scenarios.ts";
import { homeScenarios } from "./home-scenarios.ts";
import { notaryScenarios } from "./notary-scenarios.ts";
import { paymentScenarios } from "./payment-scenarios.ts";
import type { Scenario } from "./scenario.ts";
import { BUILT, playBackground, serve } from "./stage.ts";
import { statementScenarios } from "./statement-scenarios.ts";

const OUT = ".screenshots";

interface Look {
  readonly name: string;
  readonly width: number;
  readonly scheme: "light" | "dark";
  readonly language: "en" | "de";
  /** Only the screens that have a wide form. */
  readonly wide?: boolean;
  /** Rules of accessibility: once in each theme and language is enough. */
  readonly axe?: boolean;
}

const LOOKS: readonly Look[] = [
  { name: "en-light-420", width: 420, scheme: "light", language: "en", axe: true },
  { name: "de-dark-420", width: 420, scheme: "dark", language: "de", axe: true },
  { name: "de-light-320", width: 320, scheme: "light", language: "de" },
  { name: "en-dark-wide", width: 1100, scheme: "dark", language: "en", wide: true },
  { name: "en-light-wide", width: 1100, scheme: "light", language: "en", wide: true },
];

async function shoot(context: BrowserContext, origin: string, scenario: Scenario, look: Look) {
  const problems: string[] = [];
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  try {
    await playBackground(page, BUILT, look.language, scenario.answers);
    await page.goto(`${origin}/${scenario.page}`);
    await page.locator("h1").first().waitFor({ state: "attached" });
    await scenario.act?.(page);
    await page.screenshot({ path: `${OUT}/${look.name}/${scenario.name}.png`, fullPage: true });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (overflow > 0) problems.push(`${overflow} px too wide`);
    if (look.axe) problems.push(...(await axe(page)));
  } catch (error) {
    problems.push(String(error));
  } finally {
    await page.close();
  }
  return problems;
}

async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => {
    const places = nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`);
    return `axe ${id}: ${places.join(" | ")}`;
  });
}

const wished = process.argv.slice(2);
const scenarios = [
  ...paymentScenarios,
  ...homeScenarios,
  ...afterSaleScenarios,
  ...backupScenarios,
  ...statementScenarios,
  ...notaryScenarios,
];
const chosen = scenarios.filter(
  ({ name }) => wished.length === 0 || wished.some((wish) => name.includes(wish)),
);
if (wished.length === 0) rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const stage = await serve(BUILT);
const browser = await chromium.launch({
  executablePath: ensureBrowser().path,
  args: [...browserFlags],
});
let found = 0;
for (const look of LOOKS) {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 680 },
    colorScheme: look.scheme,
    locale: look.language === "en" ? "en-GB" : "de-DE",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
  });
  for (const scenario of chosen) {
    if (look.wide && !scenario.wide) continue;
    for (const problem of await shoot(context, stage.origin, scenario, look)) {
      found += 1;
      console.log(`${look.name} ${scenario.name}: ${problem}`);
    }
  }
  await context.close();
}
await browser.close();
stage.close();
console.log(`${chosen.length} screens, ${found} problems`);
process.exitCode = found === 0 ? 0 : 1;
