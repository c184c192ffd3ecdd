/** The frame of every screen of the payment window: the wallet's mark above, one column below. */
import type { ComponentChildren, RefObject } from "preact";
import { Wordmark } from "../components/wordmark.tsx";

interface FrameProps {
  readonly aside?: string | null;
  readonly mainRef?: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
}

export function Frame({ aside, mainRef, children }: FrameProps) {
  return (
    <div class="payment">
      <header class="row row-apart payment-head">
        <p class="wordmark">
          <Wordmark />
        </p>
        {aside && <p class="small soft">{aside}</p>}
      </header>
      <main class="stack" {...(mainRef ? { ref: mainRef } : {})}>
        {children}
      </main>
    </div>
  );
}
