/** The command line of the benchmark. */
import { parseArgs } from "node:util";
import type { Row } from "./row.ts";

/** What somebody wants of it. */
export type BenchCommand =
  | {
      readonly kind: "measure";
      readonly rows: readonly Row[];
      readonly quick: boolean;
      /** `whole`: the new latest results; `merge`: these rows of them; `aside`: in a file of their own. */
      readonly keep: "whole" | "merge" | "aside";
    }
  /** The document and the pictures anew, from the results that are there. */
  | { readonly kind: "report" }
  | { readonly kind: "refused"; readonly why: string };

const REPORT = "report";

/** Reads the command line; nothing but what is here is taken. */
export function readCommand(args: readonly string[], rows: readonly Row[]): BenchCommand {
  const refused = (why: string): BenchCommand => ({ kind: "refused", why });
  let parsed: { values: { quick: boolean; merge: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        merge: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return refused((error as Error).message);
  }
  const { quick, merge } = parsed.values;
  const names = parsed.positionals;
  if (names.includes(REPORT)) {
    return names.length === 1 && !quick && !merge
      ? { kind: "report" }
      : refused(`"${REPORT}" stands alone: it measures nothing.`);
  }
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    const known = rows.map(({ name }) => name).join(", ");
    return refused(`There is no row ${unknown.join(", ")}. Rows: ${known}; or "${REPORT}".`);
  }
  if (merge && quick) return refused("--merge keeps what was measured in full: leave out --quick.");
  const chosen = rows.filter(({ name, isLong }) =>
    names.length === 0 ? !(quick && isLong) : names.includes(name),
  );
  const keep = merge ? "merge" : quick || chosen.length < rows.length ? "aside" : "whole";
  return { kind: "measure", rows: chosen, quick, keep };
}
