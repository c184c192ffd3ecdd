/** The offer: what it is, from whom, from which account, where to; PIN; Pay or Decline. One form. */
import type { Address } from "@chit/protocol";
import { useEffect, useRef, useState } from "preact/hooks";
import type { FailureView, PurchaseView } from "../../messages.ts";
import { AccountNotice } from "../components/account-notice.tsx";
import { focusFirstError } from "../components/address-form.tsx";
import { Button } from "../components/button.tsx";
import { Lines } from "../components/lines.tsx";
import { moneyText } from "../components/money.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
import { PinField, takePin } from "../components/pin-field.tsx";
import { Shop, Slip, SlipPart, Total } from "../components/slip.tsx";
import { plural, t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { firstAccount, type PaymentScreen, payableAccounts } from "../present/purchase.ts";
import { AccountChoice } from "./account-choice.tsx";
import { AddressSection, useAddressChoice } from "./address-section.tsx";
import { Recognise } from "./recognise.tsx";

export interface PayInput {
  readonly accountKey: string;
  readonly pin: string;
  readonly address: Address | null;
  readonly rememberAddress: boolean;
  /** Whether the shop may recognise the shopper. */
  readonly recognise: boolean;
}

/** What asking somebody else to pay needs. */
export type ShareInput = Pick<PayInput, "address" | "rememberAddress">;

interface ConfirmProps {
  readonly purchase: PurchaseView;
  readonly screen: Extract<PaymentScreen, { name: "confirm" }>;
  readonly busy: boolean;
  readonly failure: FailureView | null;
  readonly onPay: (input: PayInput) => void;
  readonly onShare: (input: ShareInput) => void;
  readonly onDecline: () => void;
  /** Something about an account was changed here. */
  readonly onChange: () => void;
}

/** Said at the PIN's field, or by the account's own notice, and not twice. */
const PIN_PROBLEMS: readonly string[] = [
  "pin-needed",
  "wrong-pin",
  "pin-changed",
  "pin-locked",
  "awaiting-pin",
  "out-of-sequence",
  "account-held",
  "device-revoked",
];

export function ConfirmScreen(props: ConfirmProps) {
  const { purchase, screen, busy, failure, onPay, onShare, onDecline, onChange } = props;
  const [chosen, setChosen] = useState(firstAccount(purchase));
  const accounts = payableAccounts(purchase);
  const account = accounts.find(({ accountKey }) => accountKey === chosen) ?? accounts[0];
  const address = useAddressChoice(purchase);
  const [recognise, setRecognise] = useState(purchase.recognise === true);
  const [pinError, setPinError] = useState<string | null>(null);
  const pinField = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const pays = account !== undefined && conditionWords(account.condition).pays;
  const attemptsLeft = purchase.wrongPin?.attemptsLeft ?? null;

  // What is wanted first has the focus: the address where one must be written, else the PIN. Once: a focus that
  // moves by itself while somebody chooses is a nuisance. After a wrong PIN it is the PIN again.
  const begun = useRef(false);
  useEffect(() => {
    if (!pays || !address.ready) return;
    const first = form.current?.querySelector<HTMLInputElement>('[name="name"]');
    if (!begun.current && address.writing && first) first.focus();
    else pinField.current?.focus();
    begun.current = true;
  }, [pays, address.ready, attemptsLeft]);

  const problem = [failure, screen.problem].find(
    (one) => one !== null && !PIN_PROBLEMS.includes(one.code),
  );

  const submit = () => {
    if (account === undefined || !pays || busy || pinField.current === null) return;
    const read = address.read();
    if (!read.ok) {
      if (form.current !== null) focusFirstError(form.current);
      return;
    }
    const pin = takePin(pinField.current);
    if (pin === null) {
      setPinError(t("pin_error_digits"));
      pinField.current.focus();
      return;
    }
    onPay({ accountKey: account.accountKey, pin, recognise, ...read.value });
  };

  const share = () => {
    const read = address.read();
    if (read.ok) onShare(read.value);
    else if (form.current !== null) focusFirstError(form.current);
  };

  return (
    <>
      {purchase.role === "payer" && (
        <Notice title={t("payer_title")}>
          <p>{t("payer_text")}</p>
        </Notice>
      )}
      <Slip>
        <SlipPart>
          <Shop purchase={purchase} operator={account?.operator ?? null} />
          <Lines purchase={purchase} />
        </SlipPart>
        <SlipPart>
          <Total purchase={purchase} />
          <AccountChoice
            purchase={purchase}
            accounts={accounts}
            chosen={account?.accountKey ?? null}
            onChoose={setChosen}
            onChange={onChange}
          />
        </SlipPart>
      </Slip>
      {problem && <FailureNotice failure={problem} />}
      {account !== undefined && (
        <AccountNotice key={account.accountKey} account={account} onChange={onChange} />
      )}
      <form
        ref={form}
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {(pays || purchase.mayBePaidByAnother) && address.needed && (
          <AddressSection choice={address} />
        )}
        {pays && (
          <>
            {purchase.recognise !== null && purchase.state === "quoted" && (
              <Recognise checked={recognise} onChange={setRecognise} />
            )}
            {account.condition === "pin-changed" && (
              <Notice title={t("pin_changed_title")}>
                <p>{t("pin_changed_note")}</p>
                <p class="small">{t("pin_changed_else", { telephone: account.telephone })}</p>
              </Notice>
            )}
            <PinField
              fieldRef={pinField}
              error={pinError ?? pinText(purchase, screen.problem)}
              fresh={account.condition === "pin-changed"}
              onInput={() => setPinError(null)}
            />
          </>
        )}
        <div class="stack-tight">
          {pays && (
            <Button submit look="primary" wide large busy={busy}>
              {busy ? t("paying") : t("pay_amount", { amount: moneyText(purchase) })}
            </Button>
          )}
          {purchase.mayBePaidByAnother && (
            <Button wide busy={busy} onClick={share}>
              {t("let_someone_pay")}
            </Button>
          )}
          <Button look="quiet" wide onClick={onDecline}>
            {t("decline")}
          </Button>
        </div>
      </form>
    </>
  );
}

/** What to say at the PIN's field because of the attempt before. */
function pinText(purchase: PurchaseView, problem: FailureView | null): string | null {
  if (purchase.wrongPin !== null) {
    const { attemptsLeft } = purchase.wrongPin;
    const left = attemptsLeft === 1 ? t("pin_last_attempt") : plural("pin_attempts", attemptsLeft);
    return `${t("pin_wrong")} ${left}`;
  }
  return problem?.code === "pin-needed" ? t("pin_again") : null;
}
