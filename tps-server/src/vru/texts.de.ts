/** What the VRU says in German. */
import type { Texts } from "./texts.ts";

export const german: Texts = {
  welcome: (operator) => `Willkommen beim Telefondienst von ${operator}.`,
  chooseLanguage: "Für Deutsch drücken Sie die 2.",
  enterId: "Bitte tippen Sie Ihre Telefonkennung ein: 8 Ziffern.",
  enterPasscode: "Nun Ihr Telefonkennwort: 8 Ziffern.",
  repeatAndBack: "Stern wiederholt, die 0 geht zurück.",
  menu: {
    wallets: "Für eine neue PIN und Ihre Geldbörsen drücken Sie die 1.",
    balance: "Für Ihr Guthaben drücken Sie die 2.",
    payments: "Für Ihre letzten Zahlungen drücken Sie die 3.",
    hold: "Um Ihr Konto anzuhalten oder freizugeben, drücken Sie die 4.",
    problem: "Um ein Problem zu melden, drücken Sie die 5.",
  },
  operatorKey: "Für einen Menschen drücken Sie die 9.",

  newWallet: (checkNumber) =>
    `Eine neue Geldbörse wartet auf ihre PIN. Ihre Prüfnummer ist ${checkNumber}.`,
  compareCheckNumber:
    "Vergleichen Sie sie mit der Nummer in Ihrer Geldbörse. Ist sie gleich, drücken Sie die 1. Wenn nicht, die 2.",
  newWalletName: (name) => `Die Geldbörse nennt sich ${name}.`,
  nameless: "Ohne Namen",
  walletKey: (name, pin, key, checkNumber) => {
    const which = checkNumber === null ? name : `${name}, Prüfnummer ${checkNumber},`;
    switch (pin) {
      case "awaiting-pin":
        return `Für die neue Geldbörse ${which} drücken Sie die ${key}.`;
      case "locked":
        return `Für ${which.replace(/,$/, "")}, deren PIN gesperrt ist, drücken Sie die ${key}.`;
      case "active":
        return `Für ${which} drücken Sie die ${key}.`;
    }
  },
  moreWallets: "Für weitere Geldbörsen drücken Sie die 9.",
  otherWallets: "Für Ihre anderen Geldbörsen drücken Sie die 0.",
  walletMenu: (name, pin) => [
    `${name}.${pin === "locked" ? " Die PIN ist gesperrt." : ""}`,
    "Für eine neue PIN drücken Sie die 1.",
    "Für die Zahl ihrer Zahlungen drücken Sie die 2.",
    "Um sie für immer auszuschließen, drücken Sie die 3.",
  ],
  confirmRevocation: (name) => [
    `${name} kann dann nie wieder bezahlen.`,
    "Um sie auszuschließen, drücken Sie die 1. Um sie zu behalten, die 0.",
  ],
  yourPin: "Bitte schreiben Sie mit. Ihre neue PIN lautet:",
  onceMore: "Noch einmal:",
  enterPin:
    "Geben Sie diese PIN in Ihrer Geldbörse ein, wenn Sie das nächste Mal bezahlen. Verraten Sie sie niemandem.",
  paymentsSoFar: (count) =>
    `Zahlungen dieser Geldbörse bisher: ${count}. Geben Sie auch das ein, falls die Geldbörse danach fragt.`,
  hearAgain:
    "Um sie noch einmal zu hören, drücken Sie Stern. Für das Hauptmenü die 0. Sonst legen Sie einfach auf.",
  pinForgotten:
    "Diese PIN kann nicht noch einmal angesagt werden. Für eine andere neue PIN drücken Sie Stern.",

  balance: (amount) => `Ihr Guthaben beträgt ${amount}.`,
  lastPayments: "Ihre letzten Zahlungen, die neueste zuerst:",
  noPayments: "Es wurde noch nichts bezahlt.",
  payment: (day, amount, merchant) => `${day}: ${amount} an ${merchant}.`,
  refusedPayment: (day, amount, merchant) => `${day}: abgelehnt, ${amount} an ${merchant}.`,
  refund: (day, amount, merchant) => `${day}: ${amount} zurück von ${merchant}.`,
  paidIn: (day, amount) => `${day}: ${amount} eingezahlt.`,

  accountHeld: "Ihr Konto ist angehalten: Es kann nichts bezahlt werden.",
  heldByOperator: "Der Anbieter hat Ihr Konto angehalten; nur er kann es freigeben.",
  heldByHolder: "Sie haben Ihr Konto angehalten: Es kann nichts bezahlt werden.",
  placeHold: "Um Ihr Konto anzuhalten, so dass nichts bezahlt werden kann, drücken Sie die 1.",
  liftHold: "Um es freizugeben, drücken Sie die 1.",

  categories: {
    "lost-computer": "Ein verlorener oder gestohlener Computer: drücken Sie die 1.",
    "unknown-payment": "Eine Zahlung, die Sie nicht kennen: die 2.",
    shop: "Ein Shop: die 3.",
    other: "Etwas anderes: die 4.",
  },
  caseOpened: "Ihr Problem ist notiert. Bitte schreiben Sie Ihre Fallnummer auf:",
  offerHold: "Um Ihr Konto sofort anzuhalten, drücken Sie die 1. Wenn nicht, die 2.",
  speakNow: "Erzählen Sie nach dem Ton, was geschehen ist. Drücken Sie danach die Raute.",
  messageKept: "Danke, Ihre Nachricht ist gespeichert. Noch einmal Ihre Fallnummer:",
  nothingHeard:
    "Ich habe keine Nachricht gehört. Ihr Fall ist trotzdem notiert. Noch einmal Ihre Fallnummer:",
  caseGoodbye: "Stern wiederholt, die 0 führt zum Hauptmenü. Sonst legen Sie einfach auf.",

  connecting: (number) => `Ich verbinde Sie mit einem Menschen. Die Nummer ist plus ${number}.`,
  callOperator: (number) => `Einen Menschen erreichen Sie unter plus ${number}.`,

  notices: {
    silence: "Ich habe keine Taste gehört.",
    "wrong-key": "Diese Taste ist hier nicht belegt.",
    "wrong-length": "Das waren nicht 8 Ziffern.",
    "not-matching":
      "Telefonkennung und Telefonkennwort passen nicht zusammen. Versuchen wir es noch einmal.",
    "no-wallet":
      "Zu Ihrem Konto gibt es keine Geldbörse. Öffnen Sie dafür Ihren Aktivierungslink und rufen Sie dann wieder an.",
    "stranger-revoked":
      "Danke. Diese Geldbörse ist ausgeschlossen und kann nichts bezahlen. Lassen Sie sich einen neuen Aktivierungslink geben.",
    "wallet-revoked": "Diese Geldbörse ist ausgeschlossen und kann nichts mehr bezahlen.",
    "wallet-gone": "Diese Geldbörse ist schon ausgeschlossen.",
    "earlier-pin-void": "Die zuvor gehörte PIN gilt nicht mehr.",
    "pin-replaced":
      "In einem anderen Anruf wurde eine neuere PIN gesetzt. Bitte verwenden Sie jene.",
    "hold-placed": "Ihr Konto ist angehalten. Es kann nichts bezahlt werden, bis Sie es freigeben.",
    "hold-lifted": "Ihr Konto ist von Ihrer Seite freigegeben.",
    "too-many-cases":
      "Sie haben heute schon mehrere Probleme gemeldet. Wir sehen uns zuerst diese an.",
    "nobody-there": "Im Augenblick meldet sich niemand.",
  },
  ends: {
    "pin-told": "",
    "case-told": "",
    "too-many-tries":
      "Telefonkennung und Telefonkennwort passen nicht zusammen. Nach mehreren Fehlversuchen nimmt ein Konto eine Weile keine Anrufe an. Bitte sehen Sie beide nach und rufen Sie später wieder an.",
    "no-answer": "Bitte rufen Sie wieder an, wenn Sie bereit sind.",
    "service-closed":
      "Der Dienst kann Ihren Anruf gerade nicht annehmen. Bitte rufen Sie in einer Stunde wieder an.",
    "caller-throttled":
      "Von diesem Telefon kamen zu viele Fehlversuche. Bitte rufen Sie in einer Stunde wieder an.",
    "hung-up": "",
    expired: "Dieser Anruf hat zu lange gedauert. Bitte rufen Sie wieder an.",
  },
  goodbye: "Auf Wiederhören.",
};
