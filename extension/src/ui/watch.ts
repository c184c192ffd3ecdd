/**
 * A page that shows an account which waits for something outside of the wallet (a telephone call, a lifted hold) asks
 * the operator by itself, so that nobody has to tell the wallet afterwards.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { FailureView } from "../messages.ts";
import { pauseAfter } from "./present/pauses.ts";
import { request } from "./request.ts";

/**
 * Asks at once, then again and again while the page is visible, and when it is looked at again. Ends when `waiting` does.
 *
 * @param ask one question; resolves with its failure, or null
 * @returns why the last question failed; null when it did not
 */
export function useAsking(
  waiting: boolean,
  ask: () => Promise<FailureView | null>,
): FailureView | null {
  const [failure, setFailure] = useState<FailureView | null>(null);
  const newest = useRef(ask);
  newest.current = ask;

  useEffect(() => {
    if (!waiting) return;
    let questions = 0;
    let asking = false;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;

    async function question(): Promise<void> {
      clearTimeout(timer);
      if (asking || document.visibilityState !== "visible") return;
      asking = true;
      questions += 1;
      const failed = await newest.current();
      asking = false;
      if (over) return;
      setFailure(failed);
      const pause = pauseAfter(questions);
      if (pause !== null) timer = setTimeout(() => void question(), pause);
    }
    const look = () => {
      questions = 0;
      void question();
    };

    void question();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, [waiting]);

  return waiting ? failure : null;
}

/** Asks for an account's state while it waits for a telephone call; `onChange` is told after each answer. */
export function useAccountWatch(
  waiting: boolean,
  accountKey: string,
  onChange: () => void,
): FailureView | null {
  return useAsking(waiting, async () => {
    const reply = await request("refreshAccount", { accountKey });
    if (reply.ok) onChange();
    return reply.ok ? null : reply.failure;
  });
}
