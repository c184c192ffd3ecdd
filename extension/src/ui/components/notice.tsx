/** Something that has to be said: a box with a heading, an explanation, and what to do. */
import type { ComponentChildren } from "preact";
import type { FailureView } from "../../messages.ts";
import { t } from "../i18n.ts";
import { failureWords } from "../present/failures.ts";
import { Icon, type IconName } from "./icon.tsx";

export type NoticeTone = "info" | "good" | "attention" | "bad";

const ICONS: Record<NoticeTone, IconName> = {
  info: "info",
  good: "check",
  attention: "alert",
  bad: "alert",
};

interface NoticeProps {
  readonly tone?: NoticeTone;
  readonly title?: string;
  /** Read out as soon as it appears. */
  readonly alert?: boolean;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}

export function Notice({ tone = "info", title, alert, icon, children }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={alert ? "alert" : undefined}>
      <Icon name={icon ?? ICONS[tone]} />
      <div class="notice-body">
        {title && <h2>{title}</h2>}
        {children}
      </div>
    </div>
  );
}

interface FailureNoticeProps {
  readonly failure: FailureView;
  /** Its code stands elsewhere on the screen. */
  readonly bare?: boolean;
  /** What it means here, below its own words. */
  readonly children?: ComponentChildren;
}

/** A failure in words, with its code for the curious. */
export function FailureNotice({ failure, bare, children }: FailureNoticeProps) {
  const words = failureWords(failure);
  return (
    <Notice tone="bad" title={t(words.title)} alert>
      <p>{t(words.text)}</p>
      {children}
      {!bare && <FailureDetails failure={failure} />}
    </Notice>
  );
}

/** Code and detail of a failure, folded away. */
export function FailureDetails({ failure }: { readonly failure: FailureView }) {
  return (
    <details class="small">
      <summary>{t("technical_details")}</summary>
      <p>
        <code>{failure.code}</code>
        {failure.detail !== "" && <>: {failure.detail}</>}
      </p>
    </details>
  );
}
