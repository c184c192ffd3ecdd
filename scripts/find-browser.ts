// Finds a Chromium that loads the wallet, or installs one. `npm run browser` prints its path.
import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";

/** What every launch of the browser is given, in tests and in the demo. */
export const browserFlags: readonly string[] = [
  "--no-sandbox", // a container's root cannot use the sandbox
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  // Quiet: no request leaves that the test or the demo did not make.
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type Browser = {
  path: string;
  from: "CHIT_CHROMIUM" | "playwright" | "system";
};

/** What the look-up asks of the machine; a test passes its own. */
export type Machine = {
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  playwrightPath: () => string;
  isExecutable: (path: string) => boolean;
};

export const thisMachine: Machine = {
  env: process.env,
  platform: process.platform,
  playwrightPath: () => chromium.executablePath(),
  isExecutable: (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
};

// Google Chrome is not among them: since 137 its stable version ignores --load-extension.
const names = ["chromium", "chromium-browser", "ungoogled-chromium"];

const usualPlaces: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ["/usr/bin/chromium", "/usr/lib/chromium/chromium", "/snap/bin/chromium"],
  darwin: [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/opt/homebrew/bin/chromium",
    "/usr/local/bin/chromium",
  ],
};

/**
 * The browser to use, or null where the machine has none. Installs nothing.
 * @throws Error when CHIT_CHROMIUM names a file that cannot be run: a wish is not silently replaced.
 */
export function findBrowser(machine: Machine = thisMachine): Browser | null {
  const wished = machine.env.CHIT_CHROMIUM;
  if (wished) {
    if (machine.isExecutable(wished)) return { path: wished, from: "CHIT_CHROMIUM" };
    throw new Error(`CHIT_CHROMIUM is ${wished}, which is no program that can be run`);
  }

  const own = machine.playwrightPath();
  if (own && machine.isExecutable(own)) return { path: own, from: "playwright" };

  const onPath = (machine.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) => names.map((name) => join(folder, name)));
  const path = [...onPath, ...(usualPlaces[machine.platform] ?? [])].find(machine.isExecutable);
  return path === undefined ? null : { path, from: "system" };
}

/**
 * The browser to use; installs one where there is none, and shows the progress of that.
 * @throws Error that says what to do when none can be installed.
 */
export function ensureBrowser(): Browser {
  const found = findBrowser();
  if (found) return found;

  console.log("No Chromium here yet; asking Playwright for its own …");
  run("npx", ["playwright", "install", "chromium"]);
  const downloaded = findBrowser();
  if (downloaded) return downloaded;

  if (process.getuid?.() === 0 && isDebian()) {
    console.log("That was refused; asking apt …");
    run("apt-get", ["update"]);
    run("apt-get", ["install", "-y", "chromium"]);
    const installed = findBrowser();
    if (installed) return installed;
  }

  throw new Error(
    [
      "No Chromium was found and none could be installed. Do one of these, then try again:",
      "  - npx playwright install --with-deps chromium",
      "  - install your system's package: apt install chromium, dnf install chromium, brew install chromium",
      "  - set CHIT_CHROMIUM to the path of a Chromium",
      "Google Chrome will not do: since version 137 it loads no unpacked extension from the command line.",
    ].join("\n"),
  );
}

function run(command: string, args: string[]): void {
  // Whether it worked is seen by looking for the browser again.
  spawnSync(command, args, {
    stdio: "inherit",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

if (import.meta.main) {
  try {
    console.log(ensureBrowser().path);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
