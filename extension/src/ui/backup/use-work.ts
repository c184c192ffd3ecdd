/** State of something long that a page does: how far it is, and why it failed. */
import { useRef, useState } from "preact/hooks";
import type { FailureView } from "../../messages.ts";
import { failureOf, type Progress } from "./wallet-file.ts";

export interface Work {
  /** Null while nothing goes on. */
  readonly progress: Progress | null;
  readonly failure: FailureView | null;
  /** Runs it, unless something runs already. */
  run<T>(work: (tell: (progress: Progress) => void) => Promise<T>, done: (value: T) => void): void;
}

export function useWork(): Work {
  const [progress, setProgress] = useState<Progress | null>(null);
  const [failure, setFailure] = useState<FailureView | null>(null);
  const running = useRef(false);
  return {
    progress,
    failure,
    run(work, done) {
      if (running.current) return;
      running.current = true;
      setFailure(null);
      const finish = () => {
        running.current = false;
        setProgress(null);
      };
      work(setProgress).then(
        (value) => {
          finish();
          done(value);
        },
        (error: unknown) => {
          finish();
          setFailure(failureOf(error));
        },
      );
    },
  };
}
