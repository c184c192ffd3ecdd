/** The wallet's own window: `payment.html?purchase=<id>` or `?refusal=<id>`. */
import { start } from "../start.tsx";
import { PaymentApp } from "./app.tsx";
import { RefusalApp } from "./refusal.tsx";
import "../styles/payment.css";

const asked = new URLSearchParams(location.search);
const refusal = asked.get("refusal");

start(
  refusal === null ? (
    <PaymentApp purchaseId={asked.get("purchase") ?? ""} />
  ) : (
    <RefusalApp refusalId={refusal} />
  ),
);
