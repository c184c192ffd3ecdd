import { describe, expect, test } from "vitest";
import { findBrowser, type Machine } from "../find-browser.ts";

const machine = (files: string[], over: Partial<Machine> = {}): Machine => ({
  env: { PATH: "/usr/local/bin:/usr/bin" },
  platform: "linux",
  playwrightPath: () => "/cache/playwright/chrome",
  isExecutable: (path) => files.includes(path),
  ...over,
});

describe("findBrowser", () => {
  const all = ["/my/chromium", "/cache/playwright/chrome", "/usr/bin/chromium"];

  test("takes the path in the environment before all others", () => {
    const env = { CHIT_CHROMIUM: "/my/chromium", PATH: "/usr/bin" };
    expect(findBrowser(machine(all, { env }))).toEqual({
      path: "/my/chromium",
      from: "CHIT_CHROMIUM",
    });
  });

  test("refuses a path in the environment that cannot be run", () => {
    const env = { CHIT_CHROMIUM: "/my/typo", PATH: "/usr/bin" };
    expect(() => findBrowser(machine(all, { env }))).toThrow("/my/typo");
  });

  test("then Playwright's own, then one on the PATH", () => {
    expect(findBrowser(machine(all))?.from).toBe("playwright");
    expect(findBrowser(machine(["/usr/bin/chromium"]))).toEqual({
      path: "/usr/bin/chromium",
      from: "system",
    });
    expect(findBrowser(machine(["/usr/local/bin/chromium-browser"]))?.path).toBe(
      "/usr/local/bin/chromium-browser",
    );
  });

  test("then the usual places of the platform", () => {
    const app = "/Applications/Chromium.app/Contents/MacOS/Chromium";
    expect(findBrowser(machine([app], { platform: "darwin" }))?.path).toBe(app);
    expect(findBrowser(machine([app], { platform: "linux" }))).toBeNull();
  });

  test("passes Google Chrome over, which loads no unpacked extension", () => {
    expect(
      findBrowser(machine(["/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"])),
    ).toBeNull();
  });
});
