/** The command line of the demonstration. */
import { parseArgs } from "node:util";
import * as v from "valibot";

export const USAGE = `npm run demo [-- options]

Starts a payment server with its telephone service, a telephone and a shop, and a browser with the wallet in it.
Without a display (or with --once) it drives that browser through one purchase of each kind and ends.

  --once            drive one purchase of each kind, without a window, then stop
  --no-browser      start the servers only, for a browser of your own
  --data DIR        keep accounts, sales and wallet in DIR and go on with them the next time
  --language en|de  language of the browser
  --dark            dark pages in the browser
  --output DIR      where --once puts its screenshots and the goods (default: demo-output)
  --help            this text

CHIT_CHROMIUM names the Chromium to use. Ctrl-C stops everything; a second Ctrl-C at once.
`;

const schema = v.strictObject({
  once: v.boolean(),
  "no-browser": v.boolean(),
  data: v.optional(v.pipe(v.string(), v.nonEmpty("--data needs a directory."))),
  language: v.optional(v.picklist(["en", "de"], "--language is en or de.")),
  dark: v.boolean(),
  output: v.pipe(v.string(), v.nonEmpty("--output needs a directory.")),
  help: v.boolean(),
});

export type Options = v.InferOutput<typeof schema>;

/** What was typed cannot be done; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads the command line.
 *
 * @throws {UsageError}
 */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        "no-browser": { type: "boolean", default: false },
        data: { type: "string" },
        language: { type: "string" },
        dark: { type: "boolean", default: false },
        output: { type: "string", default: "demo-output" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const options = v.parse(schema, values);
    if (options.once && options["no-browser"]) {
      throw new UsageError("--once drives a browser; it cannot be had with --no-browser.");
    }
    if (options.once && options.data !== undefined) {
      throw new UsageError("--once begins with a new wallet and account; leave --data out.");
    }
    return options;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Whether a window can be shown. */
export function hasDisplay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  if (env.CI) return false;
  if (platform === "darwin" || platform === "win32") return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
