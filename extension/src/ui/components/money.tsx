/** An amount in words of the reader's language. */
import { formatMoney, type Money } from "../format.ts";
import { language } from "../i18n.ts";

/** Longer ones may break: millions in a narrow window shall not leave it. */
const LONG = 14;

export function Amount({ money }: { readonly money: Money }) {
  const text = moneyText(money);
  return <span class={text.length > LONG ? "amount amount-long" : "amount"}>{text}</span>;
}

/** The same as plain text, for sentences and buttons. */
export function moneyText(money: Money): string {
  return formatMoney(language(), money);
}
