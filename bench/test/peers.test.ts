import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { StubChain } from "../peers/chain.ts";
import { openChit } from "../src/peers/chit/side.ts";
import { figuresOf, mediansOf, type SaleFigures } from "../src/peers/figures.ts";
import { startProgram } from "../src/peers/programs.ts";
import { compare } from "../src/peers/results.ts";
import { countWire } from "../src/peers/wire.ts";
import { cpuOfTree, parseProcessTimes, sumOfTree } from "../src/process-tree.ts";
import { QUICK } from "../src/row.ts";

const WIRE = { requests: 12, connections: 0, sentBytes: 400, receivedBytes: 8_000 };
const BOUGHT = { wallMilliseconds: [9, 3, 4, 5], cpuMilliseconds: 20, wire: WIRE };
const FIGURES: SaleFigures = {
  merchantCpu: 2,
  paymentsCpu: 3,
  databaseCpu: null,
  shopperCpu: 5,
  wall: 4.5,
  requests: 3,
  sentBytes: 100,
  receivedBytes: 2_000,
};

describe("a sale's figures", () => {
  test("are what a round took by its sales, and the median of its walls", () => {
    const before = { merchant: 100, payments: 10, database: null };
    const after = { merchant: 108, payments: 22, database: null };
    expect(figuresOf(before, after, BOUGHT)).toEqual(FIGURES);
  });

  test("of all rounds are medians; what one round cannot tell is not told", () => {
    const slow = { ...FIGURES, wall: 90 };
    const blind = { ...FIGURES, wall: 5, paymentsCpu: null };
    expect(mediansOf([slow, FIGURES, blind])).toEqual({ ...FIGURES, wall: 5, paymentsCpu: null });
  });

  test("of both sides become rows: ours, in relation to theirs", () => {
    const ours = { ...FIGURES, merchantCpu: 4, databaseCpu: 1, wall: 9 };
    const rows = new Map(compare(ours, FIGURES, "them", 5).map((row) => [row.name, row]));
    expect(rows.get("peers.cpu")).toMatchObject({ value: 8, ratio: 8 / 5, against: "them, 5" });
    expect(rows.get("peers.cpu.merchant")).toMatchObject({ value: 4, ratio: 2 });
    expect(rows.get("peers.cpu.payments")).toMatchObject({ value: 4, ratio: 4 / 3 });
    expect(rows.get("peers.cpu.database")).toMatchObject({ ratio: null, against: "them has none" });
    expect(rows.get("peers.wall")).toMatchObject({ value: 9, ratio: 2, rounds: 5 });
  });

  test("leave out what our side cannot tell", () => {
    const names = compare({ ...FIGURES, paymentsCpu: null }, FIGURES, "them", 5);
    expect(names.map(({ name }) => name)).not.toContain("peers.cpu");
    expect(names.map(({ name }) => name)).toContain("peers.cpu.merchant");
  });
});

describe("the CPU time of processes", () => {
  const stat = (pid: number, parent: number, times: string) =>
    `${pid} (a) b (c) S ${parent} 1 1 0 -1 4194560 11 0 0 0 ${times} 20 0 1 0 5 0 0`;

  test("is read behind a name with blanks and brackets", () => {
    const times = { pid: 7, parent: 3, cpuMilliseconds: 100 };
    expect(parseProcessTimes(stat(7, 3, "1 2 3 4"))).toEqual(times);
    expect(() => parseProcessTimes("7 (a) S 3 1")).toThrow("What process is this?");
    expect(() => parseProcessTimes("")).toThrow("What process is this?");
  });

  test("is summed over all that descends from one, and nothing else", () => {
    const lines = [stat(1, 0, "9 9 9 9"), stat(2, 1, "1 0 0 0"), stat(3, 2, "0 1 0 0")];
    const processes = [...lines, stat(4, 1, "5 5 5 5")].map(parseProcessTimes);
    expect(sumOfTree(2, processes)).toBe(20);
  });

  test.runIf(process.platform === "linux")("of this process is about what it says", async () => {
    const said = process.cpuUsage();
    expect(await cpuOfTree(process.pid)).toBeGreaterThan((said.user + said.system) / 1_000 - 50);
  });
});

describe("the chain that is none", () => {
  const [COIN, PAYER, PAYEE] = ["0xC0", "0xAa", "0xbB"] as const;
  const call = (nonce: string, value = 5n, validBefore = 200n) => ({
    address: COIN,
    functionName: "transferWithAuthorization",
    args: [PAYER, PAYEE, value, 50n, validBefore, nonce, 27, "0x", "0x"],
  });
  const chain = () => {
    const made = new StubChain(COIN, () => 100);
    made.mint(PAYER, 12n);
    return made;
  };

  test("moves money once, whoever writes the addresses how, and tells it as the coin's event", async () => {
    const stub = chain();
    await stub.readContract(call("0x1"));
    expect(stub.balanceOf("0xaA")).toBe(12n);
    const hash = await stub.writeContract(call("0x1"));
    const { status, logs } = await stub.waitForTransactionReceipt({ hash });
    expect([status, BigInt(logs[0]?.data ?? 0)]).toEqual(["success", 5n]);
    expect([stub.balanceOf(PAYER), stub.balanceOf("0xBB"), stub.transfersTo(PAYEE)]).toEqual([
      7n,
      5n,
      1,
    ]);
  });

  test("refuses the same authorization twice, one that ran out, and more than there is", async () => {
    const stub = chain();
    await stub.writeContract(call("0x1"));
    await expect(stub.writeContract(call("0x1"))).rejects.toThrow("used");
    await expect(stub.readContract(call("0x2", 5n, 100n))).rejects.toThrow("expired");
    await expect(stub.writeContract(call("0x3", 8n))).rejects.toThrow("exceeds balance");
    expect(stub.balanceOf(PAYEE)).toBe(5n);
  });

  test("does nothing else", async () => {
    const other = { ...call("0x1"), functionName: "approve" };
    await expect(chain().writeContract(other)).rejects.toThrow("no approve");
    await expect(chain().writeContract({ ...call("0x1"), address: "0xC1" })).rejects.toThrow("no");
    await expect(chain().waitForTransactionReceipt({ hash: "0x9" })).rejects.toThrow("no such");
  });
});

describe("the wire", () => {
  test("is counted as the server counts it", async () => {
    const count = countWire();
    const served = Promise.withResolvers<{ received: number; sent: number }>();
    const server = createServer((request, response) => {
      const { socket } = request;
      request.resume().on("end", () => {
        response.end("x".repeat(5_000), () => {
          served.resolve({ received: socket.bytesRead, sent: socket.bytesWritten });
        });
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const body = "y".repeat(1_000);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
    await answer.text();
    const { requests, connections, sentBytes, receivedBytes } = count();
    server.closeAllConnections();
    server.close();
    expect([requests, connections]).toEqual([1, 1]);
    expect({ received: sentBytes, sent: receivedBytes }).toEqual(await served.promise);
    expect(receivedBytes).toBeGreaterThan(5_000);
  });
});

describe("our side", () => {
  test("sells for real: each purchase of the wallet is in the books, and its costs are counted", async () => {
    const endings: (() => Promise<void>)[] = [];
    try {
      const side = await openChit({
        effort: { ...QUICK, directory: tmpdir() },
        say: () => undefined,
        onEnd: (work) => void endings.push(work),
      });
      const { wallMilliseconds, wire } = await side.buy(2);
      expect(wallMilliseconds).toHaveLength(2);
      expect(await side.sales()).toBe(2);
      // Page, quote, session, payment, proof, goods; the first asks about the account's new PIN besides.
      expect(wire.requests).toBeGreaterThanOrEqual(12);
      expect((await side.spent()).merchant).toBeGreaterThan(0);
    } finally {
      for (const end of endings.toReversed()) await end();
    }
  }, 120_000);
});

describe("a program", () => {
  test("whose order fails says why, and goes on", async () => {
    const endings: (() => Promise<void>)[] = [];
    const onEnd = (work: () => Promise<void>) => void endings.push(work);
    const module = new URL("support/program.ts", import.meta.url);
    const program = startProgram<Doubler>({ onEnd }, module);
    try {
      await expect(program.ask("double", -1n)).rejects.toThrow("Nothing below zero.");
      expect(await program.ask("double", 21n)).toBe(42n);
      await expect(program.ask("leave", null)).rejects.toThrow("ended");
    } finally {
      for (const end of endings) await end();
    }
  });
});

interface Doubler {
  double(input: bigint): Promise<bigint>;
  leave(input: null): Promise<void>;
}
