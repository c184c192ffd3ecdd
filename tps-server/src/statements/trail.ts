/**
 * The order in which an account's movements happened. Times are whole seconds of several machines, so they do not
 * say it; balances do: each movement begins at the balance where the one before it ended. With balances for places
 * and movements for ways between them that is an Euler trail (Hierholzer's algorithm, time in proportion to the movements).
 */

/** A movement, as far as its place in the order goes. */
export interface Step {
  /** What the balance grew by; negative: it shrank. */
  readonly change: bigint;
  readonly balanceAfter: bigint;
}

/**
 * All of `steps` in an order that leads from `opening` from balance to balance, or undefined where there is none:
 * then a movement is missing, or a balance wrong. Among several orders the given one is kept wherever it leads on.
 */
export function trailFrom<S extends Step>(opening: bigint, steps: readonly S[]): S[] | undefined {
  const waysFrom = new Map<bigint, S[]>();
  for (const step of steps.toReversed()) {
    const from = step.balanceAfter - step.change;
    const ways = waysFrom.get(from);
    if (ways === undefined) waysFrom.set(from, [step]);
    else ways.push(step);
  }
  const walk: { readonly at: bigint; readonly by?: S }[] = [{ at: opening }];
  const trail: S[] = [];
  for (let last = walk.at(-1); last !== undefined; last = walk.at(-1)) {
    const next = waysFrom.get(last.at)?.pop();
    if (next !== undefined) {
      walk.push({ at: next.balanceAfter, by: next });
      continue;
    }
    walk.pop();
    if (last.by !== undefined) trail.push(last.by);
  }
  trail.reverse();
  return trail.length === steps.length && leadsOn(opening, trail) ? trail : undefined;
}

function leadsOn(opening: bigint, trail: readonly Step[]): boolean {
  let balance = opening;
  return trail.every(({ change, balanceAfter }) => {
    balance += change;
    return balance === balanceAfter;
  });
}
