/** The hand-over to a person. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, identify, type World } from "./support/world.ts";

const OPERATOR_NUMBER = "+4930987654";
let world: World;
let withoutOperator: World;
beforeAll(async () => {
  world = await createWorld({ operatorNumber: OPERATOR_NUMBER });
  withoutOperator = await createWorld();
});
afterAll(async () => {
  await withoutOperator.close();
  await world.close();
});

describe("the operator", () => {
  it("is connected, the number told; the menu follows when nobody is there, or the talk is over", async () => {
    const call = await identify(await world.dial(), await world.openAccount());
    await call.press("9");
    expect(call.heard).toEqual([
      "en-GB: I connect you with a person. The number is plus 4 … 9 … 3 … 0 … 9 … 8 … 7 … 6 … 5 … 4.",
    ]);
    expect(call.dialled).toBe(OPERATOR_NUMBER);
    await call.dialEnds("busy");
    expect(call.heard.slice(0, 2)).toEqual([
      "en-GB: Nobody answers just now.",
      "en-GB: For a new PIN and your wallets, press 1.",
    ]);
    await call.press("9");
    // A long talk: longer than a call may last otherwise.
    world.clock.seconds += 1_800;
    await call.dialEnds("completed");
    expect(call.heard[0]).toContain("For a new PIN");
    await call.press("9");
    await call.hangUp();
    expect(await world.eventsOf(call)).toEqual([
      "call-began",
      "caller-known",
      "handed-over",
      "handed-over",
      "handed-over",
      "call-ended:hung-up",
    ]);
  });

  it("is not offered where there is no number, and 9 means nothing then", async () => {
    const account = await withoutOperator.openAccount();
    const call = await identify(await withoutOperator.dial(), account);
    expect(call.heard.join()).not.toContain("a person");
    await call.press("9");
    expect(call.heard[0]).toContain("no meaning");
  });

  it("is named to whoever cannot show who they are", async () => {
    const account = await world.openAccount();
    const call = await (await world.dial()).press("1");
    for (let attempt = 0; attempt < 3; attempt++) {
      await call.press(account.telephoneId);
      await call.press("00000000");
    }
    expect(call.over).toBe(true);
    expect(call.heard[0]).toContain("For a person, call plus 4 … 9");
  });
});
