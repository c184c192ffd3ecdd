/** What the payment page says, in the languages it speaks. */
export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** One language's words. */
export interface Words {
  readonly pay: string;
  readonly item: string;
  readonly amount: string;
  readonly total: string;
  readonly validUntil: string;
  readonly withWallet: string;
  readonly withoutWallet: string;
  readonly getWallet: string;
  readonly addressNote: string;
  readonly privacy: string;
  readonly waiting: string;
  readonly paid: string;
  readonly complete: string;
  readonly denied: string;
  readonly failed: string;
  readonly closedTitle: string;
  readonly closedText: string;
  /** The page of a link by which somebody else pays. */
  readonly payer: PayerWords;
}

/** What the page of a shared link says. */
export interface PayerWords {
  readonly asked: string;
  readonly explained: string;
  readonly withWallet: string;
  readonly withoutWallet: string;
  readonly complete: string;
  /** How the link stands when there is nothing to pay: title and text. */
  readonly paid: readonly [string, string];
  readonly closed: readonly [string, string];
  readonly expired: readonly [string, string];
  readonly unknown: readonly [string, string];
}

/** Every language's words. */
export const WORDS: Record<Language, Words> = {
  en: {
    pay: "To pay",
    item: "Item",
    amount: "Amount",
    total: "Total",
    validUntil: "This offer holds until",
    withWallet:
      "Your Chit wallet opens by itself and shows this offer. Nothing is paid before you type your PIN there.",
    withoutWallet:
      "No wallet window? You pay here with Chit: without a card number, without an account at this shop, without telling it who you are.",
    getWallet: "Get the wallet",
    addressNote: "Your wallet will ask where to send it.",
    privacy: "Type your PIN in the wallet's own window only, never into a page.",
    waiting: "Waiting for the payment …",
    paid: "Paid. Thank you! Your goods are on their way.",
    complete: "Paid. Thank you!",
    denied: "The payment was not made. You can try again.",
    failed: "The purchase was not finished. Your wallet says what to do.",
    closedTitle: "No payments just now",
    closedText:
      "This shop cannot take payments at the moment. Nothing was charged. Please try again later.",
    payer: {
      asked: "Somebody asks you to pay this",
      explained:
        "What is bought goes to whoever gave you this link. You get a receipt; you are not told where the goods go, and the shop is not told who you are.",
      withWallet:
        "Your Chit wallet opens by itself and shows this. Nothing is paid before you type your PIN there.",
      withoutWallet:
        "No wallet window? This is paid with Chit: without a card number and without an account at this shop.",
      complete: "Paid. Thank you! What was bought goes to whoever gave you the link.",
      paid: [
        "This is paid already",
        "Somebody has paid. Nothing is left to pay: do not pay a second time.",
      ],
      closed: [
        "This was called off",
        "Whoever gave you the link wants nobody to pay with it any more. Ask them if you think this is wrong.",
      ],
      expired: [
        "This link has run out",
        "Nobody paid in time. Ask whoever gave you the link for a new one.",
      ],
      unknown: [
        "There is nothing at this link",
        "It may have been copied in part. Ask whoever gave it to you to send it again.",
      ],
    },
  },
  de: {
    pay: "Zu bezahlen",
    item: "Artikel",
    amount: "Betrag",
    total: "Summe",
    validUntil: "Dieses Angebot gilt bis",
    withWallet:
      "Ihre Chit-Geldbörse öffnet sich von selbst und zeigt dieses Angebot. Bezahlt wird erst, wenn Sie dort Ihre PIN eingeben.",
    withoutWallet:
      "Kein Fenster der Geldbörse? Hier bezahlen Sie mit Chit: ohne Kartennummer, ohne Konto bei diesem Laden und ohne ihm zu sagen, wer Sie sind.",
    getWallet: "Geldbörse holen",
    addressNote: "Ihre Geldbörse fragt, wohin es geschickt werden soll.",
    privacy: "Geben Sie Ihre PIN nur im eigenen Fenster der Geldbörse ein, nie auf einer Seite.",
    waiting: "Warten auf die Zahlung …",
    paid: "Bezahlt. Vielen Dank! Ihre Ware ist unterwegs.",
    complete: "Bezahlt. Vielen Dank!",
    denied: "Die Zahlung kam nicht zustande. Sie können es noch einmal versuchen.",
    failed: "Der Kauf wurde nicht beendet. Ihre Geldbörse sagt, was zu tun ist.",
    closedTitle: "Zurzeit keine Zahlungen",
    closedText:
      "Dieser Laden kann im Augenblick keine Zahlungen annehmen. Es wurde nichts abgebucht. Bitte versuchen Sie es später noch einmal.",
    payer: {
      asked: "Jemand bittet Sie, das zu bezahlen",
      explained:
        "Was gekauft wird, bekommt, wer Ihnen diesen Link gegeben hat. Sie bekommen eine Quittung; Sie erfahren nicht, wohin die Ware geht, und der Laden erfährt nicht, wer Sie sind.",
      withWallet:
        "Ihre Chit-Geldbörse öffnet sich von selbst und zeigt es. Bezahlt wird erst, wenn Sie dort Ihre PIN eingeben.",
      withoutWallet:
        "Kein Fenster der Geldbörse? Das wird mit Chit bezahlt: ohne Kartennummer und ohne Konto bei diesem Laden.",
      complete: "Bezahlt. Vielen Dank! Was gekauft wurde, bekommt, wer Ihnen den Link gegeben hat.",
      paid: [
        "Das ist schon bezahlt",
        "Jemand hat schon bezahlt. Sie müssen nichts mehr tun: Bezahlen Sie nicht noch einmal.",
      ],
      closed: [
        "Das wurde abgesagt",
        "Wer Ihnen den Link gegeben hat, möchte nicht mehr, dass jemand damit bezahlt. Fragen Sie dort nach, wenn Ihnen das falsch vorkommt.",
      ],
      expired: [
        "Dieser Link ist abgelaufen",
        "Niemand hat rechtzeitig bezahlt. Lassen Sie sich einen neuen Link schicken.",
      ],
      unknown: [
        "Unter diesem Link gibt es nichts",
        "Vielleicht wurde er nur zum Teil kopiert. Lassen Sie ihn sich noch einmal schicken.",
      ],
    },
  },
};
