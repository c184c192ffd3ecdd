/** The parts of the test servers that money back needs: what a shop decides, and what a TPS tells of movements. */
import {
  type AccountMovement,
  type AccountRecords,
  type AccountRecordsWish,
  type OpenedRecovery,
  openAccountRecordsRequest,
  type ProtocolCrypto,
  type RecoveryAnswer,
  type RefundAnswer,
  type RefundWish,
  toBase64url,
} from "@chit/protocol";
import type { NodeOpeningKey } from "@chit/protocol/node";

/** What a shop makes of wishes for money. */
export class TestRefunds {
  /** Each wish, once, however often its bytes came. */
  readonly asked: RefundWish[] = [];
  /** How it stands; `of` is filled in. */
  state: Omit<RefundAnswer, "answer" | "of"> = {
    decision: "none",
    accepted: 0n,
    given: 0n,
    message: null,
    at: null,
  };
  /** Answers in place of how it stands; null: none. */
  instead: RecoveryAnswer | null = null;
  readonly #known = new Set<string>();

  /** The answer to a wish for money or for how it stands; null: it wishes for something else. */
  answerTo({ wish, requestHash }: OpenedRecovery, of: bigint): RecoveryAnswer | null {
    if (wish.wish === "refund-state") return this.answer(of);
    if (wish.wish !== "refund") return null;
    const request = toBase64url(requestHash);
    if (!this.#known.has(request)) {
      this.#known.add(request);
      this.asked.push(wish);
      if (this.state.decision !== "accepted") this.state = { ...this.state, decision: "asked" };
    }
    return this.instead ?? this.answer(of);
  }

  answer(of: bigint): RefundAnswer {
    return { answer: "refund", of, ...this.state };
  }
}

interface Books {
  readonly crypto: ProtocolCrypto;
  readonly sealing: NodeOpeningKey;
  readonly movements: readonly AccountMovement[];
  readonly records: (wish: AccountRecordsWish) => AccountRecords;
}

/** Answers a wish for movements, two a page; the cursor is how many were told. Other wishes as the TPS is told to. */
export async function tellMovements(
  { crypto, sealing, movements, records }: Books,
  body: Uint8Array,
): Promise<Uint8Array> {
  const { request, reply } = await openAccountRecordsRequest(crypto, sealing, body);
  const nonce = crypto.randomBytes(16);
  if (request.wish.wish !== "movements") return reply(records(request.wish), nonce);
  const from = Number(request.wish.after ?? 0);
  const told = movements.slice(from, from + 2);
  const next = String(from + told.length);
  const more = from + told.length < movements.length;
  const answer = { outcome: "movements", movements: told, next, more } as const;
  return reply(answer, nonce);
}
