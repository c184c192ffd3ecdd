/** What `createMerchant` is given: files and options that cannot be right are refused by name, at once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createMerchant, MerchantError, type MerchantOptions, memoryStore } from "../src/index.ts";
import { NOW, TestLogger } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { TestIssuer } from "./world.ts";

const files = () => new TestIssuer(NOW).merchant(["https://shop.example"]);

/** Starts a shop with options as a program without types may give them. */
async function start(changes: object): Promise<void> {
  const { keys, bundle } = await files();
  const merchant = createMerchant({
    keys,
    bundle,
    store: memoryStore(),
    background: false,
    clock: () => NOW,
    logger: new TestLogger(),
    ...(changes as Partial<MerchantOptions>),
  });
  await merchant.close();
}

const refusal = async (changes: object): Promise<MerchantError> => {
  const error = await start(changes).catch((thrown: unknown) => thrown);
  if (!(error instanceof MerchantError)) throw new Error(`No MerchantError: ${String(error)}`);
  return error;
};

describe("a file in another's place", () => {
  test("is told by what is in it", async () => {
    const { keys, bundle } = await files();
    const directory = temporaryDirectory();
    const keysPath = join(directory, "k.json");
    const bundlePath = join(directory, "b.json");
    writeFileSync(keysPath, JSON.stringify(keys));
    writeFileSync(bundlePath, JSON.stringify(bundle));
    for (const wrong of [keysPath, keys]) {
      const error = await refusal({ bundle: wrong });
      expect(error.code).toBe("bundle-unreadable");
      expect(error.message).toContain("this is not a bundle; is it the keys file? The operator");
    }
    for (const wrong of [bundlePath, bundle]) {
      const error = await refusal({ keys: wrong });
      expect(error.code).toBe("keys-unreadable");
      expect(error.message).toContain("this is not a keys file; is it the bundle? Make them");
    }
    const error = await refusal({ bundle: { name: "some-package", version: "1.0.0" } });
    expect(error.message).toContain("this is not a bundle. The operator");
  });

  test("that is only damaged is told by its fault", async () => {
    const { bundle } = await files();
    const error = await refusal({ bundle: { ...bundle, rootKey: "short" } });
    expect(error.message).toContain("rootKey: ");
  });
});

describe("options", () => {
  test("that are unknown are refused by name, also where they leave another out", async () => {
    const error = await refusal({ bundle: undefined, bundel: "chit-merchant-bundle.json" });
    expect(error.code).toBe("options-invalid");
    expect(error.message).toContain('"bundel"');
    expect(error.message).toContain("keys, bundle, store");
    const hook = await refusal({ hooks: { payed: () => {} } });
    expect(hook.message).toContain('"hooks.payed"');
    expect(hook.message).toContain("quoted, authenticated, paid");
  });

  test.each([
    ["baseUrl", "http://shop.example", "https://"],
    ["baseUrl", "localhost:3000", "https://"],
    ["baseUrl", "shop.example", "https://"],
    ["baseUrl", "https://shop.example//", "doubled slash"],
    ["baseUrl", "https://shop.example/store?a=1", "no query"],
    ["mountPath", "/chit/:any", "plain path"],
    ["mountPath", "/chit//pay", "plain path"],
    ["mountPath", "https://shop.example/chit", "plain path"],
    ["walletUrl", "javascript:alert(1)", "https://"],
    ["keys", undefined, "path of the keys file"],
    ["bundle", "", "path is empty"],
    ["hooks", null, "Expected Object"],
    ["logger", { log() {} }, "info, warn, error"],
    ["store", "sales.db", "insert, find, close"],
    ["page", "<p>", "function"],
    ["background", "no", "true or false"],
    ["redelivery", true, "Give false, or an object"],
    ["goodsKeySeconds", -1, "0 or more"],
    ["batches", true, "Give false, or an object"],
    ["reportedPayments", "yes", "deliver"],
    ["hooksElsewhere", "yes", "true or false"],
  ])("with a wrong %s (%j) are refused, with what to give", async (name, value, advice) => {
    const error = await refusal({ [name]: value });
    expect(error.code).toBe("options-invalid");
    expect(error.message).toContain(`"${name}"`);
    expect(error.message).toContain(advice);
  });

  test.each([
    { baseUrl: "https://shop.example" },
    { baseUrl: "https://shop.example/" },
    { baseUrl: "https://shop.example/store/" },
    { baseUrl: "http://localhost:3000" },
    { mountPath: "/" },
    { mountPath: "pay/chit/" },
    { walletUrl: "/wallet", logger: undefined, hooks: { paid: undefined } },
    { redelivery: false, goodsKeySeconds: 0 },
    { redelivery: { periodSeconds: 60, times: 0 } },
    { logger: console, fetch: globalThis.fetch },
  ])("such as %j are taken", async (options) => {
    await start(options);
  });

  test("of redelivery are refused by their names", async () => {
    const fraction = await refusal({ redelivery: { times: 1.5 } });
    expect(fraction.message).toContain('"redelivery.times": Give a whole number');
    const much = await refusal({ redelivery: { times: 1_001 } });
    expect(much.message).toContain('"redelivery.times": Give at most 1000');
    const days = await refusal({ redelivery: { days: 30 } });
    expect(days.message).toContain('"redelivery": Give false, or an object');
  });

  test("with a clock of milliseconds, or of fractions, are refused for that", async () => {
    const milliseconds = await refusal({ clock: () => NOW * 1_000 });
    expect(milliseconds.code).toBe("options-invalid");
    expect(milliseconds.message).toContain("seconds, not milliseconds");
    const fractions = await refusal({ clock: () => NOW + 0.5 });
    expect(fractions.code).toBe("options-invalid");
    expect(fractions.message).toContain("whole seconds");
  });
});
