import { chmod, mkdir, mkdtemp, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWayTo, reachableBinaries } from "../src/store/reachable.ts";

/** Nobody: owns nothing here. */
const STRANGER = { uid: 4_000_000, gid: 4_000_000 };

describe("the database's user, who is not root", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(await realpath(tmpdir()), "chit-reachable-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  test("may pass through the data directory, and still not list it", async () => {
    await openWayTo(STRANGER, root);
    expect((await stat(root)).mode & 0o777).toBe(0o701);
  });

  test("is told which folder above the data directory is closed to it", async () => {
    const data = join(root, "data");
    await mkdir(data);
    await expect(openWayTo(STRANGER, data)).rejects.toMatchObject({
      code: "database-unavailable",
      message: expect.stringContaining(`may not enter ${root}.`),
    });
  });

  test("gets copies of programs that lie behind a closed folder, and the originals otherwise", async () => {
    const bin = join(root, "native", "bin");
    await mkdir(bin, { recursive: true });
    const binaries = { initdb: join(bin, "initdb"), postgres: join(bin, "postgres") };
    for (const path of Object.values(binaries))
      await writeFile(path, "#!/bin/sh\n", { mode: 0o755 });
    const data = join(root, "data");
    await mkdir(data);

    const copied = await reachableBinaries(STRANGER, binaries, data);
    expect(copied.postgres).toMatch(/data\/postgres-programs-\d+\/bin\/postgres$/);
    expect((await stat(copied.initdb)).mode & 0o111).toBe(0o111);

    await chmod(root, 0o701);
    expect(await reachableBinaries(STRANGER, binaries, data)).toEqual(binaries);
  });
});
