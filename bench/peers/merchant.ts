/** A shop that sells the article by x402: `@x402/express`, with the facilitator in its own process. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { x402Facilitator } from "@x402/core/facilitator";
import type { FacilitatorClient } from "@x402/core/server";
import { toFacilitatorEvmSigner } from "@x402/evm";
import { ExactEvmScheme as FacilitatorScheme } from "@x402/evm/exact/facilitator";
import { ExactEvmScheme as ServerScheme } from "@x402/evm/exact/server";
import { paymentMiddleware, x402ResourceServer } from "@x402/express";
import express from "express";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { ARTICLE, ARTICLE_NAME, ARTICLE_PATH, ARTICLE_PRICE } from "../src/peers/article.ts";
import { answerOrders } from "../src/peers/programs.ts";
import type { X402Merchant } from "../src/peers/x402/orders.ts";
import { StubChain } from "./chain.ts";

/** A test network, which is never reached. */
const NETWORK = "eip155:84532";
/** The coin that the scheme takes on that network unless told otherwise. */
const COIN = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";

const newAddress = () => privateKeyToAddress(generatePrivateKey());
const payTo = newAddress();
const chain = new StubChain(COIN, () => Math.floor(Date.now() / 1_000));
let facilitatorMicroseconds = 0;

/** The facilitator, and the CPU time between a question to it and its answer: one shopper buys, so nothing else goes on then. */
function createFacilitator(): FacilitatorClient {
  const signer = toFacilitatorEvmSigner({
    address: newAddress(),
    getCode: (call) => chain.getCode(call),
    readContract: (call) => chain.readContract(call),
    writeContract: (call) => chain.writeContract(call),
    waitForTransactionReceipt: (transaction) => chain.waitForTransactionReceipt(transaction),
    verifyTypedData: () => Promise.reject(new Error("No contract signs here.")),
    sendTransaction: () => Promise.reject(new Error("No contract is made here.")),
  });
  const facilitator = new x402Facilitator().register(NETWORK, new FacilitatorScheme(signer));
  return {
    verify: (payment, terms) => counted(() => facilitator.verify(payment, terms)),
    settle: (payment, terms) => counted(() => facilitator.settle(payment, terms)),
    getSupported: async () => facilitator.getSupported() as never,
  };
}

async function counted<T>(work: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  try {
    return await work();
  } finally {
    const { user, system } = process.cpuUsage(before);
    facilitatorMicroseconds += user + system;
  }
}

answerOrders<X402Merchant>({
  async open() {
    const app = express();
    const server = new x402ResourceServer(createFacilitator()).register(
      NETWORK,
      new ServerScheme(),
    );
    const accepts = {
      scheme: "exact",
      price: `$${ARTICLE_PRICE}`,
      network: NETWORK,
      payTo,
    } as const;
    const terms = { accepts, description: ARTICLE_NAME };
    app.use(paymentMiddleware({ [`GET ${ARTICLE_PATH}`]: terms }, server));
    app.get(ARTICLE_PATH, (_request, response) => void response.type("html").send(ARTICLE));
    const http = createServer(app).listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    return { port, express: import.meta.resolve("express") };
  },
  async fund({ address, amount }) {
    chain.mint(address, amount);
  },
  async spent() {
    const { user, system } = process.cpuUsage();
    return { all: (user + system) / 1_000, facilitator: facilitatorMicroseconds / 1_000 };
  },
  async takings() {
    return { payments: chain.transfersTo(payTo), amount: chain.balanceOf(payTo) };
  },
});
