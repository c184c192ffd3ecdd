/** Another computer: a link that is good once, and what to do with it. It is shown here and kept nowhere. */
import { useState } from "preact/hooks";
import type { InvitationView } from "../../messages.ts";
import { Button, LinkButton } from "../components/button.tsx";
import { LinkToCopy } from "../components/link-to-copy.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { formatTime } from "../format.ts";
import { useNow } from "../hooks.ts";
import { language, t } from "../i18n.ts";
import { useAction } from "../request.ts";
import { href } from "./router.ts";

interface InviteProps {
  readonly accountKey: string;
  /** A popup goes when it loses the focus, and the link with it: it leads into a tab. */
  readonly popup: boolean;
  readonly onInvited: () => void;
}

export function Invite({ accountKey, popup, onInvited }: InviteProps) {
  const action = useAction();
  const [invitation, setInvitation] = useState<InvitationView | null>(null);
  if (popup) {
    return (
      <section class="sheet stack">
        <h2>{t("invite_title")}</h2>
        <p>{t("invite_text")}</p>
        <LinkButton href={`home.html${href({ name: "devices", accountKey })}`} away icon="open">
          {t("open_in_tab")}
        </LinkButton>
      </section>
    );
  }
  return (
    <section class="sheet stack">
      <h2>{t("invite_title")}</h2>
      {invitation === null ? (
        <p>{t("invite_text")}</p>
      ) : (
        <Invitation key={invitation.link} invitation={invitation} />
      )}
      <Button
        icon="plus"
        busy={action.busy}
        {...(invitation === null ? { look: "primary" } : { look: "quiet" })}
        onClick={() => {
          void action.run("inviteDevice", { accountKey }, (made) => {
            setInvitation(made);
            onInvited();
          });
        }}
      >
        {t(invitation === null ? "invite_make" : "invite_again")}
      </Button>
      {action.failure && <FailureNotice failure={action.failure} />}
    </section>
  );
}

function Invitation({ invitation }: { readonly invitation: InvitationView }) {
  const now = useNow(60);
  const { link, expiresAt } = invitation;
  return (
    <>
      <LinkToCopy
        label={t("invite_link")}
        hint={
          expiresAt === null
            ? undefined
            : t("invite_until", { time: formatTime(language(), expiresAt, now) })
        }
        link={link}
        rows={4}
      />
      <ol class="call-steps">
        <li>{t("invite_step_install")}</li>
        <li>{t("invite_step_open")}</li>
        <li>{t("invite_step_call")}</li>
      </ol>
    </>
  );
}
