/** Programs that the demonstration runs beside itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Lines of output that are kept to explain a failure. */
const KEPT_LINES = 30;

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws {Error} with its last lines when it fails
 */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly shell?: boolean } = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
  }
  const [code] = (await once(child, "close")) as [number | null];
  const text = output.join("");
  if (code === 0) return text;
  const last = text.trim().split("\n").slice(-KEPT_LINES).join("\n");
  throw new Error(`${command} ${args.join(" ")} failed.\n${last}`);
}

/** A module of one of our packages as a file to run: `("@chit/merchant", "cli.ts")`, beside its entry. */
export function programOf(packageEntry: string, file: string): string {
  return fileURLToPath(new URL(file, import.meta.resolve(packageEntry)));
}

/** A service that runs until it is stopped. */
export interface Service {
  stop(): Promise<void>;
  /** Ends it without asking. */
  kill(): void;
  /** Told when it ends by itself. */
  readonly ended: Promise<number | null>;
}

/**
 * Starts a Node program as a service, in a process group of its own (Ctrl-C reaches us alone, and we stop it in
 * order), and waits for the line that says that it is ready.
 *
 * @throws {Error} with its last lines when it ends before
 */
export async function startService(
  program: string,
  env: NodeJS.ProcessEnv,
  isReady: (line: string) => boolean,
): Promise<Service> {
  const child = spawn(process.execPath, [program], {
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", (code) => resolve(code));
  });
  const last: string[] = [];
  const ready = new Promise<true>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        last.push(line);
        if (last.length > KEPT_LINES) last.shift();
        if (isReady(line)) resolve(true);
      });
    }
  });
  if ((await Promise.race([ready, ended])) !== true) {
    throw new Error(`${program} ended before it was ready.\n${last.join("\n")}`);
  }
  return {
    ended,
    kill: () => signal(child, "SIGKILL"),
    async stop() {
      signal(child, "SIGTERM");
      await ended;
    },
  };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(name);
}
