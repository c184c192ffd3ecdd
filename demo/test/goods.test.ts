import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { makeMusic } from "../src/goods/music.ts";
import { makePrint } from "../src/goods/print.ts";

describe("the music is a WAV file", () => {
  const wav = Buffer.from(makeMusic(2));

  it("has a header that fits its length", () => {
    expect(wav.toString("latin1", 0, 4)).toBe("RIFF");
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect(wav.toString("latin1", 8, 16)).toBe("WAVEfmt ");
    expect(wav.readUInt16LE(22), "channels").toBe(2);
    expect(wav.readUInt32LE(28), "bytes a second").toBe(wav.readUInt32LE(24) * 4);
    expect(wav.readUInt32LE(40)).toBe(2 * 32_000 * 4);
  });

  it("sounds, without clipping, and ends in silence", () => {
    const samples = Array.from({ length: (wav.length - 44) / 2 }, (_, i) =>
      wav.readInt16LE(44 + i * 2),
    );
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(peak).toBeGreaterThan(20_000);
    expect(peak).toBeLessThan(32_767);
    expect(Math.abs(samples.at(-1) ?? 0)).toBeLessThan(100);
  });

  it("is the same every time", () => {
    expect(Buffer.from(makeMusic(0.5)).equals(Buffer.from(makeMusic(0.5)))).toBe(true);
  });
});

describe("the art print is a PNG file", () => {
  const png = Buffer.from(makePrint(60));

  it("has the size asked for and as many points as that needs", () => {
    expect(png.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([60, 40]);
    const length = png.readUInt32BE(33);
    expect(png.toString("latin1", 37, 41)).toBe("IDAT");
    expect(inflateSync(png.subarray(41, 41 + length))).toHaveLength(40 * (1 + 60 * 3));
  });

  it("is the same every time, and no plain surface", () => {
    expect(Buffer.from(makePrint(60)).equals(png)).toBe(true);
    expect(png.length).toBeGreaterThan(3_000);
  });
});
