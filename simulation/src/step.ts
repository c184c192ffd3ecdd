/** What can happen in a course. A step carries every choice that it makes, so that a course without some of its steps is a course again. */
import type { Chance } from "./chance.ts";
import { FATES, type Fate } from "./effects.ts";

/**
 * Numbers named `computer`, `shop` and `pick` choose among what there is: the remainder counts. Calls, holds, kills and copies
 * come to computers that are in the middle of something, where there are any.
 */
export type Step =
  /** One effect that waits, of whomever, happens so. */
  | { readonly do: "happen"; readonly pick: number; readonly fate: Fate }
  /** A wallet that has something to do goes on for so many effects, and all goes well. */
  | { readonly do: "run"; readonly pick: number; readonly effects: number }
  /** A shopper finds an offer, and may press Pay at once. */
  | {
      readonly do: "visit";
      readonly computer: number;
      readonly shop: number;
      readonly offer: number;
      readonly pays: boolean;
    }
  /** Presses Pay on something that can be paid. */
  | {
      readonly do: "pay";
      readonly computer: number;
      readonly pick: number;
      readonly wrong: boolean;
    }
  /** Presses Pay on two at once. */
  | { readonly do: "pay-two"; readonly computer: number; readonly pick: number }
  | { readonly do: "decline"; readonly computer: number; readonly pick: number }
  | { readonly do: "kill"; readonly computer: number }
  | { readonly do: "start"; readonly computer: number }
  | { readonly do: "look-at-account"; readonly computer: number }
  /** A new PIN by telephone; after drift the count is typed in as well. */
  | { readonly do: "call"; readonly computer: number }
  | { readonly do: "hold"; readonly computer: number; readonly held: boolean }
  | { readonly do: "fund"; readonly computer: number; readonly amount: number }
  | { readonly do: "revoke-device"; readonly computer: number }
  | { readonly do: "revoke-shop" }
  | { readonly do: "rotate"; readonly purpose: "signing" | "sealing"; readonly leadSeconds: number }
  | { readonly do: "restart-tps" }
  | { readonly do: "restart-shop"; readonly shop: number }
  | { readonly do: "time"; readonly seconds: number }
  /** A clock goes wrong, or right again. */
  | {
      readonly do: "clock";
      readonly whose: "computer" | "tps" | "shop";
      readonly pick: number;
      readonly seconds: number;
    }
  | { readonly do: "copy-disk"; readonly computer: number; readonly knowsPin: boolean }
  /** An old message again, where it was sent or at another shop. */
  | { readonly do: "replay"; readonly pick: number; readonly elsewhere: boolean }
  /** A request of somebody's device without its signature. */
  | { readonly do: "forge"; readonly computer: number }
  /** Mallory pays a quote that another shopper was given. */
  | { readonly do: "intrude"; readonly pick: number };

export type StepName = Step["do"];
export type Weights = Readonly<Record<StepName, number>>;

/** How often what happens. */
export const EVERYDAY: Weights = {
  happen: 40,
  run: 20,
  visit: 13,
  pay: 8,
  "pay-two": 3,
  decline: 1,
  kill: 3,
  start: 5,
  "look-at-account": 2,
  call: 4,
  hold: 2,
  fund: 1,
  "revoke-device": 0.3,
  "revoke-shop": 0.3,
  rotate: 1.5,
  "restart-tps": 1,
  "restart-shop": 1,
  time: 4,
  clock: 2,
  "copy-disk": 0.8,
  replay: 5,
  forge: 2,
  intrude: 1,
};

const CLOCK_ERRORS = [0, 0, 0, 60, -60, 240, -240] as const;
const CLOCK_JUMPS = [...CLOCK_ERRORS, 3_600, -3_600, 86_400] as const;
const PAUSES = [1, 2, 5, 5, 20, 20, 60, 60, 300, 1_000, 90_000] as const;
const CHOICES = 1_000;

/** Draws a step. */
function drawStep(chance: Chance, weights: Weights): Step {
  const computer = chance.below(CHOICES);
  const pick = chance.below(CHOICES);
  const name = chance.weighted(weights);
  switch (name) {
    case "happen": {
      const fate = chance.fraction() < 0.6 ? "done" : chance.pick(FATES);
      return { do: name, pick, fate };
    }
    case "run":
      return { do: name, pick, effects: 1 + chance.below(12) };
    case "visit":
      return {
        ...{ do: name, computer, shop: chance.below(2) },
        ...{ offer: chance.below(4), pays: chance.fraction() < 0.7 },
      };
    case "pay":
      return { do: name, computer, pick, wrong: chance.fraction() < 0.15 };
    case "pay-two":
    case "decline":
      return { do: name, computer, pick };
    case "kill":
    case "start":
    case "look-at-account":
    case "call":
    case "revoke-device":
    case "forge":
      return { do: name, computer };
    case "hold":
      return { do: name, computer, held: chance.fraction() < 0.25 };
    case "fund":
      return { do: name, computer, amount: 1 + chance.below(500_000) };
    case "revoke-shop":
    case "restart-tps":
      return { do: name };
    case "rotate": {
      const purpose = chance.pick(["signing", "sealing"] as const);
      return { do: name, purpose, leadSeconds: chance.pick([0, 0, 86_400]) };
    }
    case "restart-shop":
      return { do: name, shop: chance.below(2) };
    case "time":
      return { do: name, seconds: chance.pick(PAUSES) };
    case "clock": {
      const whose = chance.pick(["computer", "computer", "tps", "shop"] as const);
      const seconds = chance.pick(whose === "computer" ? CLOCK_JUMPS : CLOCK_ERRORS);
      return { do: name, whose, pick, seconds };
    }
    case "copy-disk":
      return { do: name, computer, knowsPin: chance.fraction() < 0.5 };
    case "replay":
      return { do: name, pick, elsewhere: chance.fraction() < 0.3 };
    case "intrude":
      return { do: name, pick };
  }
}

/** The course of a seed. */
export function drawCourse(chance: Chance, steps: number, weights: Weights = EVERYDAY): Step[] {
  return Array.from({ length: steps }, () => drawStep(chance, weights));
}

/** A step in a line: `pay computer=3 pick=17 wrong=false`. */
export function describeStep({ do: name, ...choices }: Step): string {
  const list = Object.entries(choices).map(([key, value]) => `${key}=${String(value)}`);
  return [name, ...list].join(" ");
}
