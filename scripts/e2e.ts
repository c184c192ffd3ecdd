// `npm run e2e [-- playwright options]`: builds the extension, sees that there is a browser, runs the tests.
import { spawnSync } from "node:child_process";
import { ensureBrowser } from "./find-browser.ts";

// `npm test` has built it one stage before.
const isBuilt = process.argv.includes("--built");
const options = process.argv.slice(2).filter((option) => option !== "--built");

function run(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): boolean {
  return spawnSync(command, args, { stdio: "inherit", env }).status === 0;
}

function main(): boolean {
  let path: string;
  try {
    path = ensureBrowser().path;
  } catch (error) {
    console.error((error as Error).message);
    return false;
  }
  console.log(`Chromium: ${path}`);
  if (!isBuilt && !run("npm", ["run", "--silent", "build:extension"])) return false;
  return run("playwright", ["test", ...options], { ...process.env, CHIT_CHROMIUM: path });
}

process.exitCode = main() ? 0 : 1;
