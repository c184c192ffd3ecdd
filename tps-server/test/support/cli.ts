/** The operator's command line, run in this process on the database of a test's world. */
import type { CliContext } from "../../src/cli/context.ts";
import { runCli } from "../../src/cli/program.ts";
import { systemPlatform } from "../../src/platform.ts";
import { databaseUrl } from "./database.ts";
import type { World } from "./world.ts";

/** What a run came to. */
export interface CliRun {
  readonly code: number;
  /** Results, a line feed behind each. */
  readonly out: string;
  /** Remarks and errors. */
  readonly said: string;
}

/** Runs one command; `world` is asked for when it runs. */
export function cliOf(
  world: () => World,
  more: () => Partial<Pick<CliContext, "platform" | "environment">> = () => ({}),
): (...args: string[]) => Promise<CliRun> {
  return async (...args) => {
    const output = { out: "", said: "" };
    const { environment, databaseName } = world();
    const { platform = systemPlatform, environment: also } = more();
    const code = await runCli(args, {
      platform,
      environment: { ...environment, DATABASE_URL: databaseUrl(databaseName), ...also },
      args,
      onReplace: () => undefined,
      out: (text) => {
        output.out += `${text}\n`;
      },
      say: (text) => {
        output.said += `${text}\n`;
      },
      untilStopped: async () => undefined,
    });
    return { code, ...output };
  };
}
