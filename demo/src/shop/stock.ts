/** The storeroom: digital goods are made when they are first asked for, and kept as files. */
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeBook } from "../goods/epub.ts";
import { makeMusic, SAMPLE_SECONDS } from "../goods/music.ts";
import { makePrint } from "../goods/print.ts";
import type { ProductId } from "./catalogue.ts";

/** Files by their name; every one comes out the same whenever it is made. */
const RECIPES = {
  "a-short-history-of-the-chit.epub": () => makeBook(),
  "lake-at-first-light.png": () => makePrint(1500),
  "split-tally.wav": () => makeMusic(),
  // For the shop's own pages:
  "print.png": () => makePrint(840),
  "music-sample.wav": () => makeMusic(SAMPLE_SECONDS),
} as const;
type FileName = keyof typeof RECIPES;

const GOODS: Partial<Record<ProductId, FileName>> = {
  book: "a-short-history-of-the-chit.epub",
  print: "lake-at-first-light.png",
  music: "split-tally.wav",
};

export interface Stock {
  /** The path of a digital product's file. */
  fileOf(id: ProductId): Promise<string>;
  /** The path of a picture or sample that is made, not drawn. */
  sampleFile(name: "print.png" | "music-sample.wav"): Promise<string>;
}

/** A storeroom in a directory. */
export function openStock(directory: string): Stock {
  const made = new Map<FileName, Promise<string>>();
  const take = (name: FileName): Promise<string> => {
    const path = made.get(name) ?? make(directory, name);
    made.set(name, path);
    return path;
  };
  return {
    async fileOf(id) {
      const name = GOODS[id];
      if (name === undefined) throw new RangeError(`"${id}" is no file.`);
      return take(name);
    },
    sampleFile: take,
  };
}

async function make(directory: string, name: FileName): Promise<string> {
  const path = join(directory, name);
  if (existsSync(path)) return path;
  await mkdir(directory, { recursive: true });
  // Whole or not at all: a half-written file would be sold for ever.
  await writeFile(`${path}.new`, RECIPES[name]());
  await rename(`${path}.new`, path);
  return path;
}
