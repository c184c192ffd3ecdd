import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadOutsideKeys, readSecret } from "../src/keys/outside-keys.ts";
import { random } from "./support/world.ts";

const SOURCE = fileURLToPath(new URL("../src/keys/outside-keys.ts", import.meta.url));
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "chit-keys-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("a secret of the data directory", () => {
  test("made by many at once is one and the same for all, whole, and nothing else is left", async () => {
    const secrets = await Promise.all(
      Array.from({ length: 40 }, (_, maker) =>
        readSecret(directory, "some-key", () => `made by ${maker}`),
      ),
    );
    expect(secrets[0]).toMatch(/^made by [0-9]+$/);
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(join(directory, "secrets"))).toEqual(["some-key"]);
    expect((await stat(join(directory, "secrets", "some-key"))).mode & 0o777).toBe(0o600);
  });

  test("whose maker dies between creating and filling is made anew, not found empty", async () => {
    const script = `const { readSecret } = await import(process.argv[1]);
      await readSecret(process.argv[2], "some-key", () => "never written");`;
    // A process that may create files and write not one byte into them.
    const command = 'ulimit -f 0; exec "$0" --input-type=module -e "$1" "$2" "$3"';
    const dying = promisify(execFile)("sh", [
      ...["-c", command, process.execPath, script, SOURCE, directory],
    ]);
    await expect(dying).rejects.toThrow();
    // It came as far as that.
    expect(await readdir(directory)).toEqual(["secrets"]);
    expect(await readSecret(directory, "some-key")).toBeUndefined();
    expect(await readSecret(directory, "some-key", () => "the next one")).toBe("the next one");
  });

  test("that is an empty file is no key", async () => {
    await mkdir(join(directory, "secrets"));
    await writeFile(join(directory, "secrets", "master-key"), "\n");
    await expect(
      loadOutsideKeys("master", directory, {}, { randomBytes: random }),
    ).rejects.toMatchObject({ code: "setting-invalid" });
  });
});
