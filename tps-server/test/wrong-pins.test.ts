/** Wrong PINs whose replies get lost: sent again in any order, at once or one by one, each counts once. */
import { LIMITS } from "@chit/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWallet, recordOf, WRONG_PIN } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Rounds of sendings at once; each number names a request. One fewer wrong PIN than would lock. */
const rounds = fc.array(fc.array(fc.nat(LIMITS.pinAttempts - 2), { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 5,
});

test("threat 6: a lost “wrong PIN” reply, resent, counts one failure, in any order and at once", async () => {
  await fc.assert(
    fc.asyncProperty(rounds, async (sendings) => {
      const wallet = await createWallet(world);
      const wrong = await Promise.all(
        Array.from({ length: LIMITS.pinAttempts - 1 }, () => wallet.request({ pin: WRONG_PIN })),
      );
      const replies = new Map<number, Uint8Array>();
      for (const round of sendings) {
        const sent = await Promise.all(
          round.map(async (index) => {
            const request = wrong[index];
            if (request === undefined) throw new Error("There is no such request.");
            return { index, request, reply: await wallet.send(request) };
          }),
        );
        for (const { index, request, reply } of sent) {
          expect(reply).toEqual(replies.get(index) ?? reply);
          replies.set(index, reply);
          const response = await wallet.receive(request, reply);
          expect(response.outcome).toBe("wrong-pin");
        }
        const { failures, refused, payments } = await recordOf(wallet);
        expect({ failures, refused, payments }).toEqual({
          failures: replies.size,
          refused: replies.size,
          payments: 0,
        });
      }
      expect(await wallet.pay()).toMatchObject({ outcome: "paid", nextCount: 1 });
      expect(await recordOf(wallet)).toMatchObject({ failures: 0, payments: 1 });
    }),
    { numRuns: 25 },
  );
}, 120_000);
