// The second implementation's command (scripts/verify-notarization.mjs) on the file that the vectors have.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const directory = mkdtempSync(join(tmpdir(), "chit-notarization-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const vectors = JSON.parse(
  readFileSync(join(root, "protocol/test/vectors/notarization.json"), "utf8"),
) as { context: { rootKey: string }; positive: { message: { text: string } }[] };
const file = vectors.positive[0]?.message.text ?? "";
const rootKey = Buffer.from(vectors.context.rootKey, "hex").toString("base64url");

function verify(text: string, key = rootKey) {
  const path = join(directory, "payment.tlog-proof");
  writeFileSync(path, text);
  const command = ["scripts/verify-notarization.mjs", "--root-key", key, path];
  return spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
}

describe("verify-notarization", () => {
  test("says what was paid, to whom, and when it was notarized", () => {
    const { status, stdout } = verify(file);
    expect(status).toBe(0);
    expect(stdout).toContain("13.5000 EUR at 2027-01-15T08:00:00.000Z");
    expect(stdout).toContain("Paper & Ink, https://shop.example");
    expect(stdout).toContain("2027-01-15T08:01:00.000Z, 5 of 7 payments");
  });

  test("refuses another place in the log, another key, and no key at all", () => {
    const moved = verify(file.replace("index 4", "index 3"));
    expect([moved.status, moved.stdout]).toEqual([1, ""]);
    expect(moved.stderr).toContain("not in the log's tree");
    expect(verify(file, "A".repeat(43)).status).toBe(1);
    expect(verify(file, "A").status).toBe(2);
  });
});
