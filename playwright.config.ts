import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results/e2e",
  workers: 2,
  fullyParallel: true,
  retries: 0, // a purchase that works the second time is a purchase that failed
  forbidOnly: true,
  timeout: 120_000, // three browsers, a telephone call and a server that starts anew, on a slow machine
  expect: { timeout: 10_000 },
  // `npm test` counts from the JSON file.
  reporter: [["list"], ["json", { outputFile: "test-results/e2e.json" }]],
  // A trace makes every test a fifth slower: `npm run e2e -- --trace retain-on-failure` where one fails.
  use: { trace: "off", screenshot: "only-on-failure" },
  projects: [
    { name: "chromium" },
    // The wallet's pages alone, with a background that plays a part.
    { name: "pages", testDir: "extension/test/screens" },
  ],
});
