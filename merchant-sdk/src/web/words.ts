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
  },
};
