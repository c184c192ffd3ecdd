/** Step 2: whose link it is, and how this device shall be called. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { AccountView, ActivationView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Fact } from "../components/delivery.tsx";
import { TextField } from "../components/field.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { formatOrigin } from "../format.ts";
import { t } from "../i18n.ts";
import { useAction } from "../request.ts";

interface SetupConfirmProps {
  readonly activation: ActivationView;
  readonly link: string;
  readonly onActivated: (account: AccountView) => void;
  readonly onOther: () => void;
}

export function SetupConfirm({ activation, link, onActivated, onOther }: SetupConfirmProps) {
  const [name, setName] = useState(t("setup_device_default"));
  const [error, setError] = useState<string | null>(null);
  const action = useAction();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") {
          setError(t("error_required"));
          return;
        }
        void action.run("activate", { link, deviceName: name.trim() }, onActivated);
      }}
    >
      <Slip>
        <SlipPart>
          <h1 tabIndex={-1} ref={heading}>
            {t("setup_confirm_title")}
          </h1>
          <p class="shop-name">
            <bdi>{activation.operator}</bdi>
          </p>
          <dl class="facts">
            <Fact name={t("setup_issuer")} value={formatOrigin(activation.issuer)} />
            <Fact name={t("account_telephone")} value={activation.telephone} />
            <Fact name={t("setup_currency")} value={activation.currency} />
          </dl>
          <p class="soft">{t("setup_confirm_text")}</p>
        </SlipPart>
        <SlipPart>
          <TextField
            label={t("setup_device_label")}
            name="device-name"
            hint={t("setup_device_hint")}
            value={name}
            onInput={(value) => {
              setName(value);
              setError(null);
            }}
            autocomplete="off"
            maxLength={80}
            error={error}
          />
          {action.failure && <FailureNotice failure={action.failure} />}
          <div class="stack-tight">
            <Button submit look="primary" wide large busy={action.busy}>
              {t("setup_activate")}
            </Button>
            <Button look="quiet" wide onClick={onOther}>
              {t("setup_other_link")}
            </Button>
          </div>
        </SlipPart>
      </Slip>
    </form>
  );
}
