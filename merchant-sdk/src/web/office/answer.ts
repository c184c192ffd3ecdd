/** What a page of the back office answers with. */
import type { Html } from "../html.ts";
import type { Cell } from "./csv.ts";
import type { OfficeWords } from "./words-en.ts";

export type Section = keyof OfficeWords["sections"];
export type Notice = keyof OfficeWords["notices"];
export type Problem = keyof OfficeWords["problems"];

export type Answer =
  | {
      readonly kind: "page";
      readonly title: string;
      readonly section: Section;
      readonly main: Html;
    }
  /** Rows are made while they are sent: a list may be longer than memory. */
  | {
      readonly kind: "csv";
      readonly filename: string;
      readonly header: readonly string[];
      readonly rows: AsyncIterable<readonly (readonly Cell[])[]>;
    }
  /** What a form ends with: another page, that says what was done. */
  | { readonly kind: "go"; readonly path: string; readonly notice: Notice };

/** A failure that a person is told in words of their language. */
export class OfficeProblem extends Error {
  override readonly name = "OfficeProblem";
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, status: number, options?: ErrorOptions) {
    super(problem, options);
    this.problem = problem;
    this.status = status;
  }
}
