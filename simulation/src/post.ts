/** The network: every message between wallets, shops and TPS, and whoever reads along and sends it again. */
import { PAYMENTS_PATH } from "@chit/protocol";
import type { Effects, Fate, Owner } from "./effects.ts";

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** A message that was sent. */
export interface Letter {
  readonly url: string;
  readonly method: string;
  readonly body: Uint8Array | undefined;
  /** Its sender gave it up; it arrives later. */
  late: boolean;
  /** What it was answered first. */
  answer: Answer | undefined;
}

/** The death of the TPS while it works on a message. */
export type TpsDeath = Extract<Fate, `tps-${string}`>;

export interface Server {
  /** @param death how it dies over this message; the sender hears nothing then */
  answer(letter: Letter, death?: TpsDeath): Promise<Answer>;
}

export class Post {
  readonly #effects: Effects;
  readonly #servers = new Map<string, Server>();
  readonly letters: Letter[] = [];
  /** How many messages have arrived, the same one twice counted twice. */
  delivered = 0;
  /** Told of each request-for-payment: when a wallet sends it and just before it arrives. */
  onPayment: (event: "sent" | "arrives", body: Uint8Array, sender: Owner | null) => Promise<void> =
    async () => {};

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  connect(origin: string, server: Server): void {
    this.#servers.set(origin, server);
  }

  /** A wallet's fetch. The answer comes when the course lets it. */
  async send(owner: Owner, url: string, init: RequestInit = {}): Promise<Response> {
    const body = init.body instanceof Uint8Array ? Uint8Array.from(init.body) : undefined;
    const letter: Letter = {
      url,
      method: init.method ?? "GET",
      body,
      late: false,
      answer: undefined,
    };
    if (isPayment(letter)) await this.onPayment("sent", letter.body, owner);
    this.letters.push(letter);
    return new Promise((resolve, reject) => {
      const lost = () => reject(new TypeError("The connection broke."));
      const name = `${letter.method} ${new URL(url).host}${new URL(url).pathname}`;
      this.#effects.add(owner, name, async (fate) => {
        switch (fate) {
          case "killed-before":
            return owner.kill();
          case "killed-after":
            await this.deliver(letter);
            return owner.kill();
          case "lost-request":
            return lost();
          case "late":
            letter.late = true;
            return lost();
          case "lost-reply":
            await this.deliver(letter);
            return lost();
          case "duplicated":
            await this.deliver(letter);
            return resolve(responseOf(await this.deliver(letter)));
          case "done":
            return resolve(responseOf(await this.deliver(letter)));
          case "tps-dies-early":
          case "tps-dies-late":
          case "tps-connection-ends":
          case "tps-dies-after-commit":
            if (!isPayment(letter)) return resolve(responseOf(await this.deliver(letter)));
            await this.deliver(letter, fate);
            return lost();
        }
      });
    });
  }

  /** The message arrives, for the first time or once more. */
  async deliver(letter: Letter, death?: TpsDeath): Promise<Answer> {
    if (isPayment(letter)) await this.onPayment("arrives", letter.body, null);
    const server = this.#servers.get(new URL(letter.url).origin);
    if (server === undefined) throw new Error(`Nobody is at ${letter.url}.`);
    const answer = await server.answer(letter, death);
    this.delivered += 1;
    letter.late = false;
    letter.answer ??= answer;
    return answer;
  }
}

function isPayment(letter: Letter): letter is Letter & { readonly body: Uint8Array } {
  return letter.body !== undefined && new URL(letter.url).pathname === PAYMENTS_PATH;
}

function responseOf({ status, body }: Answer): Response {
  return new Response(status === 204 ? null : Uint8Array.from(body), { status });
}
