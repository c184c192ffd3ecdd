import { describe, expect, it } from "vitest";
import { hasDisplay, readOptions, UsageError } from "../src/options.ts";
import { createStopper, StoppedError } from "../src/stopper.ts";

describe("everything that was started is stopped", () => {
  it("in reverse order, once", async () => {
    const stopper = createStopper();
    const order: string[] = [];
    for (const name of ["database", "server", "browser"]) {
      await stopper.add(name, () => void order.push(name));
    }
    expect(await Promise.all([stopper.stop(), stopper.stop()])).toEqual([[], []]);
    expect(order).toEqual(["browser", "server", "database"]);
  });

  it("also when one of it fails, which is told and forced", async () => {
    const stopper = createStopper();
    const order: string[] = [];
    await stopper.add("database", () => void order.push("database"));
    await stopper.add(
      "server",
      () => Promise.reject(new Error("stuck")),
      () => void order.push("forced"),
    );
    expect(await stopper.stop()).toEqual(["server: stuck"]);
    expect(order).toEqual(["forced", "database"]);
  });

  it("by force also what is being stopped just now", async () => {
    const stopper = createStopper();
    const forced: string[] = [];
    const never = () => new Promise<void>(() => undefined);
    await stopper.add(
      "directory",
      () => undefined,
      () => void forced.push("directory"),
    );
    await stopper.add("database", never, () => void forced.push("database"));
    void stopper.stop();
    stopper.force();
    expect(forced).toEqual(["database", "directory"]);
  });

  it("also what is ready only after stopping began; its start goes no further", async () => {
    const stopper = createStopper();
    await stopper.stop();
    const order: string[] = [];
    const late = stopper.add("late", () => void order.push("late"));
    await expect(late).rejects.toThrow(StoppedError);
    expect(order).toEqual(["late"]);
  });
});

describe("the command line", () => {
  it("has defaults", () => {
    expect(readOptions([])).toMatchObject({ once: false, output: "demo-output", help: false });
  });

  it.each([
    ["--nonsense"],
    ["--language", "fr"],
    ["--data", ""],
    ["--once", "--no-browser"],
    ["--once", "--data", "somewhere"],
    ["stray"],
  ])("refuses what it does not know: %s %s", (...args) => {
    expect(() => readOptions(args)).toThrow(UsageError);
  });

  it("knows whether a window can be shown", () => {
    expect(hasDisplay({}, "linux")).toBe(false);
    expect(hasDisplay({ WAYLAND_DISPLAY: "wayland-0" }, "linux")).toBe(true);
    expect(hasDisplay({}, "darwin")).toBe(true);
    expect(hasDisplay({ CI: "true" }, "darwin")).toBe(false);
  });
});
