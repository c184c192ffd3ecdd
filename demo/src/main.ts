/** `npm run demo`: composition root. */
import { rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureBrowser } from "../../scripts/find-browser.ts";
import { openBrowser } from "./browser.ts";
import { driveOnce } from "./driver/once.ts";
import { buildExtension, copyExtension, isExtensionStale } from "./extension-build.ts";
import { hasDisplay, type Options, readOptions, USAGE, UsageError } from "./options.ts";
import { bold, faint, red, say, step } from "./progress.ts";
import { createStopper, type Stopper } from "./stopper.ts";
import { startWorld, TELEPHONE, type World } from "./world.ts";

/** When stopping takes longer than this, what is left is killed. */
const STOP_MILLISECONDS = 40_000;

/** A browser that was killed may still write for a moment. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10 } as const;
/** Others may pass through, and see nothing: run by root, the database's own user lives further down. */
const PASSABLE = 0o711;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const stopper = createStopper();
  const asked = untilAskedToStop(stopper);
  const dataDir = await prepareData(options.data, stopper);
  let code = 0;
  try {
    await demonstrate(options, dataDir, stopper, asked);
  } catch (error) {
    // What Ctrl-C broke off is no failure of its own.
    if (!stopper.stopping) {
      say(
        `\n${red("The demonstration failed.")} ${error instanceof Error ? error.message : error}`,
      );
      if (error instanceof Error && process.env.DEBUG) say(String(error.stack));
      code = 1;
    }
  }
  const interrupted = stopper.stopping;
  if (!interrupted) say(faint("\nStopping …"));
  for (const problem of await stopper.stop()) {
    say(red(problem));
    code = 1;
  }
  if (options.data === undefined) await rm(dataDir, REMOVAL);
  // A run of --once that was broken off showed nothing.
  return interrupted && code === 0 && options.once ? 130 : code;
}

async function demonstrate(
  options: Options,
  dataDir: string,
  stopper: Stopper,
  asked: Promise<void>,
): Promise<void> {
  const once =
    options.once || (!options["no-browser"] && !hasDisplay(process.env, process.platform));
  say(`\n${bold("Chit")} ${faint("· a shop, a telephone and a wallet on this computer")}\n`);
  if (once && !options.once)
    say(faint("  No display here: a browser without a window is driven once.\n"));
  // First: it may have to be fetched, which takes a while and may fail.
  if (!options["no-browser"]) ensureBrowser();
  if (!options["no-browser"] && isExtensionStale()) {
    await step("Build of the wallet extension", buildExtension);
  }
  const extension = options["no-browser"] ? null : await copyExtension(dataDir);
  const world = await startWorld(dataDir, stopper);
  if (once && extension !== null) {
    await driveOnce(world, stopper, {
      profile: join(dataDir, "profile"),
      extension,
      output: resolve(options.output),
      language: options.language ?? "en",
      dark: options.dark,
    });
    return;
  }
  const browser =
    extension === null ? null : await showBrowser(world, stopper, options, dataDir, extension);
  explain(world, options);
  await Promise.race([asked, ...(browser === null ? [] : [browser.closed])]);
  if (!stopper.stopping) say("\nThe browser was closed.");
}

/** The directory of everything that is written: the one that was asked for, or a temporary one. */
async function prepareData(kept: string | undefined, stopper: Stopper): Promise<string> {
  if (kept !== undefined) {
    const dataDir = resolve(kept);
    await mkdir(dataDir, { recursive: true, mode: PASSABLE });
    return dataDir;
  }
  const dataDir = await mkdtemp(join(tmpdir(), "chit-demo-"));
  await chmod(dataDir, PASSABLE);
  // Orderly removal comes last of all, in `main`: while something still starts, it needs its files.
  await stopper.add(
    "Data",
    () => undefined,
    () => rmSync(dataDir, REMOVAL),
  );
  return dataDir;
}

/** Opens the browser on the start page. `closed` is kept when the person closes it. */
async function showBrowser(
  world: World,
  stopper: Stopper,
  { language, dark }: Options,
  dataDir: string,
  extension: string,
): Promise<{ closed: Promise<void> }> {
  const { context } = await step("Browser with the wallet", () =>
    openBrowser(stopper, {
      profile: join(dataDir, "profile"),
      extension,
      headless: false,
      language,
      dark,
    }),
  );
  const closed = new Promise<void>((done) => context.once("close", () => done()));
  const [page = await context.newPage()] = context.pages();
  await page.goto(world.startUrl);
  return { closed };
}

function explain(world: World, options: Options): void {
  const { account } = world;
  say(`
  ${bold("Start here")}   ${world.startUrl}

  1  Activate     ${account.activationLink}
  2  Telephone    ${world.handsetUrl}
                  telephone id ${account.telephoneId}, passcode ${account.telephonePasscode} ${faint(`(${TELEPHONE})`)}
  3  Shop         ${world.shopUrl}
                  its back office ${faint(world.officeUrl)}
`);
  if (options["no-browser"]) {
    say(
      faint(
        "  The wallet: npm run build:extension, then load dist/extension as an unpacked extension.",
      ),
    );
  }
  say(faint("  Ctrl-C stops everything.\n"));
}

/** Kept when somebody asks to stop. The first time in order, the second time at once. */
function untilAskedToStop(stopper: Stopper): Promise<void> {
  return new Promise((asked) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (stopper.stopping) {
          stopper.force();
          process.exit(130);
        }
        say(faint("\nStopping … (again to stop at once)"));
        setTimeout(() => {
          stopper.force();
          process.exit(1);
        }, STOP_MILLISECONDS).unref();
        void stopper.stop();
        asked();
      });
    }
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(event, (error: unknown) => {
        // While stopping, whatever still talks to something that is gone may fail.
        if (stopper.stopping) return;
        say(`\n${red("The demonstration broke.")} ${error instanceof Error ? error.stack : error}`);
        stopper.stop().finally(() => process.exit(1));
      });
    }
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}
