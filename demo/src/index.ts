/** The parts of the demonstration that tests use too: the telephone without its page, and the shop. */
export {
  type Call,
  CallError,
  type Expectation,
  placeCall,
  type Sound,
  type Turn,
} from "./handset/call.ts";
export type { Carrier } from "./handset/carrier.ts";
export {
  choose,
  identify,
  keyFor,
  type Letter,
  numberTold,
  pressKeys,
} from "./handset/driver.ts";
export { hearPin, type PinCall } from "./handset/pin.ts";
export { createHandset, type HandsetDeps } from "./handset/server.ts";
export { createShop, type Shop, type ShopDeps } from "./shop/app.ts";
