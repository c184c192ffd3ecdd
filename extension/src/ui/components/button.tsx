/** Buttons, and links that look like them. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

type Look = "plain" | "primary" | "quiet" | "danger";

interface Shared {
  readonly look?: Look;
  readonly wide?: boolean;
  readonly large?: boolean;
  readonly icon?: IconName;
  /** Heard instead of the words, where those alone do not say enough ("Save" beside each file). */
  readonly label?: string;
  readonly children: ComponentChildren;
}

function classes({ look = "plain", wide, large }: Shared): string {
  return [
    "button",
    look === "plain" ? "" : `button-${look}`,
    wide ? "button-wide" : "",
    large ? "button-large" : "",
  ]
    .filter((name) => name !== "")
    .join(" ");
}

interface ButtonProps extends Shared {
  readonly onClick?: () => void;
  readonly submit?: boolean;
  /** Works already: it keeps the focus, but pressing it again does nothing. */
  readonly busy?: boolean;
}

export function Button(props: ButtonProps) {
  const { onClick, submit, busy, icon, label, children } = props;
  return (
    <button
      type={submit ? "submit" : "button"}
      class={classes(props)}
      aria-label={label}
      aria-disabled={busy ? "true" : undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

interface LinkProps extends Shared {
  readonly href: string;
  /** In a tab of its own. */
  readonly away?: boolean;
}

export function LinkButton(props: LinkProps) {
  const { href, away, icon, label, children } = props;
  return (
    <a
      href={href}
      class={classes(props)}
      aria-label={label}
      {...(away ? { target: "_blank", rel: "noopener noreferrer" } : {})}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </a>
  );
}
