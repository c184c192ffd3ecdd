/** First run, three steps: the link, whose it is, the telephone call. */
import { useEffect, useState } from "preact/hooks";
import type { AccountView, ActivationView } from "../../messages.ts";
import { t } from "../i18n.ts";
import { useAction } from "../request.ts";
import { SetupCall } from "./setup-call.tsx";
import { SetupConfirm } from "./setup-confirm.tsx";
import { SetupLink } from "./setup-link.tsx";

type Step =
  | { readonly name: "link" }
  | { readonly name: "confirm"; readonly activation: ActivationView; readonly link: string }
  | { readonly name: "call"; readonly account: AccountView };

const NUMBERS: Record<Step["name"], 1 | 2 | 3> = { link: 1, confirm: 2, call: 3 };

export function SetupPage({ link }: { readonly link: string }) {
  const [step, setStep] = useState<Step>({ name: "link" });
  const inspect = useAction();
  const read = (pasted: string) => {
    void inspect.run("inspectActivation", { link: pasted }, (activation) =>
      setStep({ name: "confirm", activation, link: pasted }),
    );
  };

  // A link that was clicked on the operator's page is read at once.
  useEffect(() => {
    if (link !== "") read(link);
  }, [link]);

  return (
    <>
      <SetupSteps number={NUMBERS[step.name]} />
      {step.name === "link" && (
        <SetupLink initial={link} busy={inspect.busy} failure={inspect.failure} onLink={read} />
      )}
      {step.name === "confirm" && (
        <SetupConfirm
          activation={step.activation}
          link={step.link}
          onActivated={(account) => setStep({ name: "call", account })}
          onOther={() => setStep({ name: "link" })}
        />
      )}
      {step.name === "call" && <SetupCall account={step.account} />}
    </>
  );
}

/** Three holes in the slip, as many punched as there are steps behind. */
function SetupSteps({ number }: { readonly number: 1 | 2 | 3 }) {
  return (
    <div class="setup-steps">
      <p class="small soft">{t("setup_step", { step: String(number) })}</p>
      <div class="setup-dots" aria-hidden="true">
        {[1, 2, 3].map((one) => (
          <span key={one} class={one <= number ? "setup-dot setup-dot-done" : "setup-dot"} />
        ))}
      </div>
    </div>
  );
}
