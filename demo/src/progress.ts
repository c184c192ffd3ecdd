/** What the demonstration tells the person who watches: a line for each thing done, with its time. */
import { stdout } from "node:process";

const isTerminal = stdout.isTTY === true;
const paint = (code: number, text: string) =>
  isTerminal && !process.env.NO_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text;
export const bold = (text: string) => paint(1, text);
export const faint = (text: string) => paint(2, text);
export const red = (text: string) => paint(31, text);

/** Writes a line. */
export function say(text = ""): void {
  stdout.write(`${text}\n`);
}

/**
 * Does something that takes time: names it at once, and says when it is done and how long it took.
 *
 * @param detail what to add when it is done
 */
export async function step<T>(
  name: string,
  work: () => Promise<T>,
  detail: (result: T) => string = () => "",
): Promise<T> {
  const start = performance.now();
  if (isTerminal) stdout.write(`  … ${name}`);
  else say(`  … ${name}`);
  try {
    const result = await work();
    finish(paint(32, "✓"), name, start, detail(result));
    return result;
  } catch (error) {
    finish(red("✗"), name, start, "");
    throw error;
  }
}

function finish(mark: string, name: string, start: number, detail: string): void {
  const time = faint(`${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (isTerminal) stdout.write("\r\u001b[K");
  say(`  ${mark} ${name.padEnd(38)} ${time}${detail === "" ? "" : `  ${detail}`}`);
}

/** A table with aligned columns; the widths are those of its cells. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = (text: string) => [...text].length;
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => width(row[column] ?? ""))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
