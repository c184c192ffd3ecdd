/** A program for the test of programs. */
import { answerOrders } from "../../src/peers/programs.ts";

answerOrders({
  async double(input: bigint): Promise<bigint> {
    if (input < 0n) throw new Error("Nothing below zero.");
    return 2n * input;
  },
  async leave(_input: null): Promise<void> {
    process.exit(3);
  },
});
