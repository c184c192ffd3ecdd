/** A way to sell the article, put up for measuring. */
import type { RowContext } from "../row.ts";
import type { Bought, Spent } from "./figures.ts";

export interface Side {
  /** The shopper buys the article so often, one purchase after another. */
  buy(count: number): Promise<Bought>;
  /** What was spent since the start. */
  spent(): Promise<Spent>;
  /** Sales that are in the books of whoever takes payments, each paid once and in full. @throws when the sum is not right */
  sales(): Promise<number>;
}

/** Puts a side up; what it starts is stopped when the row ends. */
export type OpenSide = (context: RowContext) => Promise<Side>;
