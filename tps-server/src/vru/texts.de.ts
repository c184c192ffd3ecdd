/** What the VRU says in German. */
import type { Texts } from "./texts.ts";

export const german: Texts = {
  welcome: (operator) => `Willkommen beim Telefondienst von ${operator}.`,
  chooseLanguage: "Für Deutsch drücken Sie die 2.",
  enterId: "Bitte tippen Sie Ihre Telefonkennung ein: 8 Ziffern.",
  enterPasscode: "Nun Ihr Telefonkennwort: 8 Ziffern.",
  newWallet: (checkNumber) =>
    `Eine neue Geldbörse wartet auf ihre PIN. Ihre Prüfnummer ist ${checkNumber}.`,
  compareCheckNumber:
    "Vergleichen Sie sie mit der Nummer in Ihrer Geldbörse. Ist sie gleich, drücken Sie die 1. Wenn nicht, die 2.",
  newWalletName: (name) => `Die Geldbörse nennt sich ${name}.`,
  nameless: "Ohne Namen",
  walletKey: (name, pin, key) => {
    switch (pin) {
      case "awaiting-pin":
        return `Für die neue Geldbörse ${name} drücken Sie die ${key}.`;
      case "locked":
        return `Für ${name}, deren PIN gesperrt ist, drücken Sie die ${key}.`;
      case "active":
        return `Für ${name} drücken Sie die ${key}.`;
    }
  },
  moreWallets: "Für weitere Geldbörsen drücken Sie die 9.",
  otherWallets: "Für Ihre anderen Geldbörsen drücken Sie die 0.",
  walletMenu: (name, pin) =>
    `${name}. ${pin === "locked" ? "Die PIN ist gesperrt. " : ""}Für eine neue PIN drücken Sie die 1.`,
  accountHeld:
    "Ihr Konto ist angehalten: Bis das aufgehoben wird, kann nichts davon bezahlt werden.",
  yourPin: "Bitte schreiben Sie mit. Ihre neue PIN lautet:",
  onceMore: "Noch einmal:",
  enterPin:
    "Geben Sie diese PIN in Ihrer Geldbörse ein, wenn Sie das nächste Mal bezahlen. Verraten Sie sie niemandem.",
  paymentsSoFar: (count) =>
    `Zahlungen dieser Geldbörse bisher: ${count}. Geben Sie auch das ein, falls die Geldbörse danach fragt.`,
  hearAgain: "Um sie noch einmal zu hören, drücken Sie die 1. Sonst legen Sie einfach auf.",
  pinForgotten:
    "Diese PIN kann nicht noch einmal angesagt werden. Für eine andere neue PIN drücken Sie die 1.",
  notices: {
    silence: "Ich habe keine Taste gehört.",
    "wrong-key": "Diese Taste ist hier nicht belegt.",
    "wrong-length": "Das waren nicht 8 Ziffern.",
    "not-matching":
      "Telefonkennung und Telefonkennwort passen nicht zusammen. Versuchen wir es noch einmal.",
    "wallet-revoked":
      "Danke. Diese Geldbörse ist gesperrt und kann nichts bezahlen. Lassen Sie sich einen neuen Aktivierungslink geben.",
    "wallet-gone": "Diese Geldbörse ist gesperrt.",
    "earlier-pin-void": "Die zuvor gehörte PIN gilt nicht mehr.",
  },
  ends: {
    "pin-told": "",
    "pin-replaced":
      "In einem anderen Anruf wurde eine neuere PIN gesetzt. Bitte verwenden Sie jene.",
    "wallet-revoked":
      "Danke. Diese Geldbörse ist gesperrt und kann nichts bezahlen. Lassen Sie sich einen neuen Aktivierungslink geben.",
    "no-wallet":
      "Zu Ihrem Konto gibt es noch keine Geldbörse. Bitte öffnen Sie zuerst Ihren Aktivierungslink und rufen Sie dann wieder an.",
    "too-many-tries":
      "Telefonkennung und Telefonkennwort passen nicht zusammen. Nach mehreren Fehlversuchen nimmt ein Konto eine Weile keine Anrufe an. Bitte sehen Sie beide nach und rufen Sie später wieder an.",
    "no-answer": "Bitte rufen Sie wieder an, wenn Sie bereit sind.",
    "service-closed":
      "Der Dienst kann Ihren Anruf gerade nicht annehmen. Bitte rufen Sie in einer Stunde wieder an.",
    "hung-up": "",
    expired: "Dieser Anruf hat zu lange gedauert. Bitte rufen Sie wieder an.",
  },
  goodbye: "Auf Wiederhören.",
};
