/** The slim list of what happens after Pay: four things in plain words. Pure. */
import type { PurchaseView } from "../../messages.ts";
import type { PlainKey } from "../i18n.ts";
import { isPaid } from "./purchase.ts";

/** `stopped`: here it went no further. `waiting`: it goes on by itself, later. */
export type StageState = "done" | "now" | "waiting" | "later" | "stopped";

export interface Stage {
  readonly label: PlainKey;
  readonly state: StageState;
  /** The paper's steps in it. */
  readonly steps: string;
}

type Purchase = Pick<PurchaseView, "state" | "steps" | "waiting" | "kind" | "role">;

/** The stages of a purchase. */
export function stages(purchase: Purchase): Stage[] {
  return purchase.role === "payer" ? payersStages(purchase) : initiatorsStages(purchase);
}

/** Of a purchase that is paid for somebody else: the payment, and telling the shop of it. */
function payersStages(purchase: Purchase): Stage[] {
  const now = purchase.waiting === null ? "progress_paid_now" : "progress_paid_checking";
  const reached = reachedStages(purchase);
  const payment = stageState(purchase, 1, reached);
  const told = stageState(purchase, 2, reached);
  return [
    { steps: "5–6", state: payment, label: stageLabel(payment, "progress_paid", now) },
    { steps: "7", state: told, label: stageLabel(told, "progress_told", "progress_told_now") },
  ];
}

function initiatorsStages(purchase: Purchase): Stage[] {
  const reached = reachedStages(purchase);
  const physical = purchase.kind === "physical";
  const checking = purchase.waiting !== null;
  const words: readonly { steps: string; done: PlainKey; now: PlainKey }[] = [
    { steps: "3–4", done: "progress_shop", now: "progress_shop_now" },
    {
      steps: "5–6",
      done: "progress_paid",
      now: checking ? "progress_paid_checking" : "progress_paid_now",
    },
    {
      steps: "7–8",
      done: physical ? "progress_delivery" : "progress_goods",
      now: physical ? "progress_delivery_now" : "progress_goods_now",
    },
    {
      steps: "9–10",
      done: "progress_done",
      now: physical ? "progress_done" : "progress_goods_now",
    },
  ];
  return words.map(({ steps, done, now }, index) => {
    const state = stageState(purchase, index, reached);
    return { steps, state, label: stageLabel(state, done, now) };
  });
}

function stageLabel(state: StageState, done: PlainKey, now: PlainKey): PlainKey {
  switch (state) {
    case "done":
    case "later":
      return done;
    case "now":
    case "waiting":
      return now;
    case "stopped":
      return "progress_stopped";
  }
}

function stageState(purchase: Purchase, index: number, reached: number): StageState {
  if (index < reached) return "done";
  if (index > reached) return "later";
  const { state } = purchase;
  if (state === "failed" || state === "denied" || state === "payer-denied") return "stopped";
  return purchase.waiting === null ? "now" : "waiting";
}

/** How many stages are behind us. */
function reachedStages(purchase: Purchase): number {
  switch (purchase.state) {
    case "quoted":
    case "session-initiated":
    case "declined":
    case "payer-quoted":
      return 0;
    case "quote-authenticated":
    case "awaiting-payer":
    case "payment-requested":
    case "denied":
    case "payer-confirmed":
    case "payer-requested":
    case "payer-denied":
      return 1;
    case "paid":
    case "payer-paid":
      return 2;
    case "advised":
    case "goods-requested":
    case "recovering":
      return 3;
    case "complete":
    case "payer-complete":
      return 4;
    case "failed":
      if (isPaid(purchase)) return purchase.steps.some(({ step }) => step === 8) ? 3 : 2;
      return purchase.steps.some(({ step }) => step === 4) ? 1 : 0;
  }
}

/** The stage to announce: the one under way, or the last one done. */
export function currentStage(list: readonly Stage[]): Stage | null {
  const active = list.find(({ state }) => state === "now" || state === "waiting");
  return active ?? list.findLast(({ state }) => state === "done") ?? null;
}

const STEP_WORDS: Record<PurchaseView["steps"][number]["step"], PlainKey> = {
  2: "step_2",
  3: "step_3",
  4: "step_4",
  5: "step_5",
  6: "step_6",
  7: "step_7",
  8: "step_8",
  9: "step_9",
  10: "step_10",
};

/** A step of the paper in plain words. */
export function stepWords(step: PurchaseView["steps"][number]["step"]): PlainKey {
  return STEP_WORDS[step];
}
