/** Every row, in the order of the table. A new one is a file of its own and a line here. */
import type { Row } from "../row.ts";
import { goodsStream } from "./goods-stream.ts";
import { mtsStep } from "./mts-step.ts";
import { peers } from "./peers.ts";
import { purchaseWall } from "./purchase-wall.ts";
import { tpsCost } from "./tps-cost.ts";
import { tpsGrow } from "./tps-grow.ts";
import { tpsHot } from "./tps-hot.ts";
import { tpsLatency } from "./tps-latency.ts";
import { tpsRate } from "./tps-rate.ts";

export const ROWS: readonly Row[] = [
  tpsRate,
  tpsHot,
  tpsGrow,
  tpsLatency,
  tpsCost,
  mtsStep,
  goodsStream,
  purchaseWall,
  peers,
];
