/** The operator's command line, as a process of its own on the data of a running service. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { PaymentService } from "./payment-service.ts";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.resolve("@chit/tps-server")));

/**
 * Runs `chit-tps` with these words and `--json`.
 *
 * @throws when it ends with another exit code than 0, with what it said
 */
export async function operate(
  { dataDir }: Pick<PaymentService, "dataDir">,
  ...words: string[]
): Promise<unknown> {
  const args = [PROGRAM, ...words, "--json", "--data-dir", dataDir];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim() === "" ? null : JSON.parse(stdout);
}
