/** One thing that happened, on a slip of its own: a heading, an explanation. */
import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";
import { Slip, SlipPart } from "./slip.tsx";

interface OutcomeProps {
  readonly tone: "bad" | "quiet";
  readonly title: string;
  /** Whose page or shop it is about. */
  readonly context: string;
  readonly children: ComponentChildren;
}

export function Outcome({ tone, title, context, children }: OutcomeProps) {
  return (
    <Slip>
      <SlipPart>
        <span class={`outcome-mark outcome-${tone}`}>
          <Icon name={tone === "bad" ? "alert" : "info"} />
        </span>
        <div role="alert">
          <h1 tabIndex={-1}>{title}</h1>
        </div>
        <p class="small soft">
          <bdi>{context}</bdi>
        </p>
        {children}
      </SlipPart>
    </Slip>
  );
}
