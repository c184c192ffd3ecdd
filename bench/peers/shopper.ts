/** A shopper who pays by x402: Node's `fetch` in `@x402/fetch`, with a key that is made here and holds nothing anywhere else. */
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { answerOrders } from "../src/peers/programs.ts";
import { createShopper } from "../src/peers/shopper.ts";
import type { X402Shopper } from "../src/peers/x402/orders.ts";

const account = privateKeyToAccount(generatePrivateKey());
const payingFetch = payingAs(account);
let url = "";

answerOrders<X402Shopper>({
  async open(input) {
    url = input.url;
    return { address: account.address };
  },
  async forge() {
    const { signTypedData } = privateKeyToAccount(generatePrivateKey());
    const { status } = await payingAs({ address: account.address, signTypedData })(url);
    return { refused: status === 402 };
  },
  buy: createShopper(async () => {
    const response = await payingFetch(url);
    if (response.status !== 200) throw new Error(`${response.status} ${whyNot(response)}`);
    return response.text();
  }),
});

/** A `fetch` that pays what costs something, once. */
function payingAs(signer: Pick<typeof account, "address" | "signTypedData">) {
  const schemes = [{ network: "eip155:*", client: new ExactEvmScheme(signer) }] as const;
  return wrapFetchWithPaymentFromConfig(fetch, { schemes: [...schemes] });
}

/** What the shop says of a payment that it did not take. */
function whyNot({ headers }: Response): string {
  const told = headers.get("payment-response") ?? headers.get("payment-required") ?? "";
  return Buffer.from(told, "base64").toString();
}
