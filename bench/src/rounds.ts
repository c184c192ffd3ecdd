/** Medians of alternating rounds: the machine's moods hit both sides. */

/** The median; of an even number the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error("Nothing was measured.");
  return (low + high) / 2;
}

/** The value below which a `share` (0 to 1) of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error("Nothing was measured.");
  return value;
}

/** The sides of a comparison: each measures one round and returns its figure. */
export type Sides<Name extends string> = Record<Name, (round: number) => Promise<number>>;

/** Measures all sides in turn, each round in the other direction, and returns the median of each. */
export async function alternate<Name extends string>(
  rounds: number,
  sides: Sides<Name>,
): Promise<Record<Name, number>> {
  const names = Object.keys(sides) as Name[];
  const seen = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      seen[name].push(await sides[name](round));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(seen[name])])) as Record<
    Name,
    number
  >;
}
