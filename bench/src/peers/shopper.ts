/** What both shoppers' programs do: buy the article, one purchase after another, and tell what it took. */
import { ARTICLE } from "./article.ts";
import type { Bought } from "./figures.ts";
import { countWire } from "./wire.ts";

/** Makes the order to buy `count` times; `buyOne` gives the article's text. Make one in a process. */
export function createShopper(
  buyOne: () => Promise<string>,
): (order: { readonly count: number }) => Promise<Bought> {
  const count = countWire();
  return async ({ count: purchases }) => {
    const [before, cpu] = [count(), process.cpuUsage()];
    const wallMilliseconds: number[] = [];
    for (let done = 0; done < purchases; done++) {
      const startedAt = performance.now();
      const article = await buyOne();
      wallMilliseconds.push(performance.now() - startedAt);
      if (article !== ARTICLE) throw new Error("This is not the article.");
    }
    const { user, system } = process.cpuUsage(cpu);
    const after = count();
    return {
      wallMilliseconds,
      cpuMilliseconds: (user + system) / 1_000,
      wire: {
        requests: after.requests - before.requests,
        connections: after.connections - before.connections,
        sentBytes: after.sentBytes - before.sentBytes,
        receivedBytes: after.receivedBytes - before.receivedBytes,
      },
    };
  };
}
