/** How the pages ask the background, and how a component follows an answer as it changes. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type {
  FailureView,
  WalletAnswers,
  WalletReply,
  WalletRequestMessage,
  WalletRequestName,
} from "../messages.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { onChange, sendMessage } from "./platform.ts";

type Input<N extends WalletRequestName> = WalletRequestMessage<N>["input"];
export type Reply<N extends WalletRequestName> = WalletReply<WalletAnswers[N]>;

/** Asks the background. Never rejects: a background that does not answer is the failure `no-wallet`. */
export async function request<N extends WalletRequestName>(
  name: N,
  input: Input<N>,
): Promise<Reply<N>> {
  const message: WalletRequestMessage<N> = { type: "wallet-request", name, input };
  try {
    const reply = (await sendMessage(message)) as Reply<N> | undefined;
    return reply ?? noWallet("no answer");
  } catch (error) {
    return noWallet(error instanceof Error ? error.message : String(error));
  }
}

function noWallet(detail: string): { readonly ok: false; readonly failure: FailureView } {
  return { ok: false, failure: { code: "no-wallet", detail } };
}

/** An answer that is kept up to date. */
export interface Followed<T> {
  /** The last good answer; null before the first. */
  readonly value: T | null;
  /** Why the last request failed; null when it did not. */
  readonly failure: FailureView | null;
  /** Asks again now. */
  readonly again: () => void;
  /** Takes the answer of another request (`pay`, `resume` …) as the newest. */
  readonly put: (value: T) => void;
}

/**
 * Asks at once, whenever `input` changes, and whenever the background says that something changed.
 *
 * @param followChanges false for what an operator is asked for: its server is not asked at every change here
 */
export function useRequest<N extends WalletRequestName>(
  name: N,
  input: Input<N>,
  followChanges = true,
): Followed<WalletAnswers[N]> {
  const [value, setValue] = useState<WalletAnswers[N] | null>(null);
  const [failure, setFailure] = useState<FailureView | null>(null);
  const newest = useRef(0);
  const key = JSON.stringify(input);

  const ask = useCallback(async () => {
    newest.current += 1;
    const mine = newest.current;
    const reply = await request(name, JSON.parse(key) as Input<N>);
    // A later question was asked meanwhile: its answer counts.
    if (mine !== newest.current) return;
    if (reply.ok) setValue(() => reply.value);
    setFailure(reply.ok ? null : reply.failure);
  }, [name, key]);
  // Changes come faster than answers while a purchase runs: one more question for all that come meanwhile.
  const { again, rest } = useMemo(() => oneAtATime(ask), [ask]);

  const put = useCallback((next: WalletAnswers[N]) => {
    newest.current += 1;
    setValue(() => next);
    setFailure(null);
  }, []);

  useEffect(() => {
    again();
    const unfollow = followChanges ? onChange(again) : undefined;
    return () => {
      unfollow?.();
      // The next question may be another: this one is not asked behind it, whose answer would be taken for that one's.
      rest();
    };
  }, [again, rest, followChanges]);

  return { value, failure, again, put };
}

/** One thing that the person asked for and that takes a moment. */
export interface Action {
  readonly busy: boolean;
  readonly failure: FailureView | null;
  /** Runs it, unless it runs already; `done` gets the answer of a success. */
  run<N extends WalletRequestName>(
    name: N,
    input: Input<N>,
    done?: (value: WalletAnswers[N]) => void,
  ): Promise<boolean>;
}

/** State of one button that asks the background for something. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureView | null>(null);
  const running = useRef(false);
  const run: Action["run"] = async (name, input, done) => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFailure(null);
    const reply = await request(name, input);
    running.current = false;
    setBusy(false);
    if (reply.ok) done?.(reply.value);
    else setFailure(reply.failure);
    return reply.ok;
  };
  return { busy, failure, run };
}
