/** What the shop's pages say besides the products. */
import type { Language } from "../language.ts";

const english = {
  officeTitle: "The shop's back office",
  officeText:
    "For the people who run the shop: sales, refunds, settlements. A real shop has a sign-in of its own here; this one is a demonstration.",
  officePassword: (password: string) => `Password (it is “${password}”)`,
  officeEnter: "Sign in",
  officeWrong: "That is not the password.",
  tagline: "Small things, paid for by nobody in particular.",
  heroTitle: "Good things to read, hear, hang up and drink from.",
  heroText:
    "You buy here with a chit: no account, no card number, no name. The book, the picture and the song are yours within a second; the mug takes the post.",
  heroButton: "Look around",
  howLink: "How do I pay?",
  shelf: "On the shelf",
  toRead: "To read now",
  digital: "Download",
  physical: "By post",
  article: "Article",
  readFor: (price: string) => `Read for ${price}`,
  buyNow: "Buy now",
  addToBasket: "Put into the basket",
  sample: "Listen to the beginning",
  basket: "Basket",
  basketEmpty: "There is nothing in your basket yet.",
  backToShop: "Back to the shop",
  quantity: "Pieces",
  update: "Change",
  remove: "Remove",
  total: "Total",
  checkout: "To the checkout",
  freePostage: (price: string) => `From ${price} of things to be sent, postage is on us.`,
  bundle: "Bundle: 10 % off digital things",
  postage: "Packing and postage",
  order: (count: number) => `Your order of ${count} things`,
  delivery:
    "Your parcel will be packed tomorrow morning and handed to the post. It comes in plain paper, tied with string.",
  carrier: "The post",
  payTitle: "Pay",
  payLead: "Your wallet shows this offer in a window of its own. Check it there and type your PIN.",
  payAddress: "Your wallet will ask where to send it. The address reaches us sealed.",
  payPrivacy: "We learn that number so-and-so is paid. We do not learn who you are.",
  noWalletTitle: "No wallet window?",
  noWalletText:
    "Then this browser has no Chit wallet yet. It is a small extension; you need it once, for every shop.",
  validUntil: "This offer holds until",
  states: {
    waiting: "Waiting for the payment …",
    paid: "Paid. Your goods are on their way.",
    complete: "Paid. Thank you, whoever you are!",
    denied: "The payment was not made. Your wallet says why; you can try again.",
    failed: "The purchase was not finished. Your wallet says what to do.",
  },
  articleTeaser: "The article goes on behind this line.",
  articlePay: (price: string) => `Read on for ${price}`,
  articlePayText: "Paid in your wallet, shown right here. No subscription follows.",
  howTitle: "How do I pay here?",
  how: [
    [
      "Get a wallet",
      "The Chit wallet is a browser extension. Your operator gives you a link that puts your account into it; the wallet makes a key of its own for this computer.",
    ],
    [
      "Telephone once",
      "A voice tells you a PIN. It never travels through the computer that pays; that is the point of it.",
    ],
    [
      "Buy",
      "When a page of ours has a price, the wallet opens a window that shows the shop’s certified name, every line and the total. Type your PIN there, and only there.",
    ],
  ],
  howNameTitle: "What we learn about you",
  howName:
    "That somebody paid for order number so-and-so. For things by post, an address. That is all: no name of an account, nothing by which we would know you again.",
  howOpenTitle: "What the operator learns",
  howOpen:
    "That your account paid this shop, when, and how much; as a bank does. Not what you bought, and not your address.",
  howFoot:
    "You need no script in the page and no cookie of ours to buy; the basket lives in a cookie of yours.",
  notFound: "There is no such page.",
  broken: "Something went wrong here. Nothing was charged.",
  footer: "Everything sold here was made for this demonstration and is in the public domain (CC0).",
  skip: "Skip to the content",
  language: "Deutsch? Der Laden spricht, was Ihr Browser zuerst wünscht.",
};

export type ShopTexts = typeof english;

const german: ShopTexts = {
  officeTitle: "Die Verwaltung des Ladens",
  officeText:
    "Für die Leute, die den Laden führen: Verkäufe, Rückerstattungen, Abrechnungen. Ein richtiger Laden hat hier seine eigene Anmeldung; dieser ist eine Vorführung.",
  officePassword: (password: string) => `Kennwort (es lautet „${password}“)`,
  officeEnter: "Anmelden",
  officeWrong: "Das ist nicht das Kennwort.",
  tagline: "Kleine Dinge, bezahlt von niemand Bestimmtem.",
  heroTitle: "Gutes zum Lesen, Hören, Aufhängen und Daraus-Trinken.",
  heroText:
    "Hier bezahlen Sie mit einem Chit: ohne Konto, ohne Kartennummer, ohne Namen. Buch, Bild und Stück gehören Ihnen nach einer Sekunde; die Tasse kommt mit der Post.",
  heroButton: "Umsehen",
  howLink: "Wie bezahle ich?",
  shelf: "Im Regal",
  toRead: "Gleich lesen",
  digital: "Zum Laden",
  physical: "Mit der Post",
  article: "Artikel",
  readFor: (price) => `Für ${price} lesen`,
  buyNow: "Sofort kaufen",
  addToBasket: "In den Korb",
  sample: "Den Anfang hören",
  basket: "Korb",
  basketEmpty: "Ihr Korb ist noch leer.",
  backToShop: "Zurück in den Laden",
  quantity: "Stück",
  update: "Ändern",
  remove: "Entfernen",
  total: "Summe",
  checkout: "Zur Kasse",
  freePostage: (price) => `Ab ${price} Warenwert zum Verschicken zahlen wir das Porto.`,
  bundle: "Bündel: 10 % auf Digitales",
  postage: "Verpackung und Porto",
  order: (count) => `Ihre Bestellung über ${count} Dinge`,
  delivery:
    "Ihr Paket wird morgen früh gepackt und zur Post gebracht. Es kommt in schlichtem Papier, mit Schnur gebunden.",
  carrier: "Die Post",
  payTitle: "Bezahlen",
  payLead:
    "Ihre Geldbörse zeigt dieses Angebot in einem eigenen Fenster. Prüfen Sie es dort und geben Sie Ihre PIN ein.",
  payAddress:
    "Ihre Geldbörse wird fragen, wohin es gehen soll. Die Adresse erreicht uns versiegelt.",
  payPrivacy: "Wir erfahren, dass Nummer Soundso bezahlt ist. Wir erfahren nicht, wer Sie sind.",
  noWalletTitle: "Kein Fenster der Geldbörse?",
  noWalletText:
    "Dann hat dieser Browser noch keine Chit-Geldbörse. Sie ist eine kleine Erweiterung; Sie brauchen sie einmal, für alle Läden.",
  validUntil: "Dieses Angebot gilt bis",
  states: {
    waiting: "Die Zahlung läuft …",
    paid: "Bezahlt. Ihre Waren sind unterwegs.",
    complete: "Bezahlt. Danke, wer immer Sie sind!",
    denied:
      "Die Zahlung kam nicht zustande. Ihre Geldbörse sagt, warum; Sie können es noch einmal versuchen.",
    failed: "Der Kauf wurde nicht beendet. Ihre Geldbörse sagt, was zu tun ist.",
  },
  articleTeaser: "Hinter dieser Zeile geht der Artikel weiter.",
  articlePay: (price) => `Für ${price} weiterlesen`,
  articlePayText: "Bezahlt in Ihrer Geldbörse, gezeigt gleich hier. Kein Abonnement folgt.",
  howTitle: "Wie bezahle ich hier?",
  how: [
    [
      "Geldbörse holen",
      "Die Chit-Geldbörse ist eine Erweiterung des Browsers. Ihr Anbieter gibt Ihnen einen Link, der Ihr Konto hineinlegt; die Geldbörse macht sich einen eigenen Schlüssel für diesen Rechner.",
    ],
    [
      "Einmal telefonieren",
      "Eine Stimme sagt Ihnen eine PIN. Sie kommt nie durch den Rechner, der bezahlt; darum geht es.",
    ],
    [
      "Kaufen",
      "Hat eine unserer Seiten einen Preis, öffnet die Geldbörse ein Fenster mit dem beglaubigten Namen des Ladens, jeder Zeile und der Summe. Geben Sie Ihre PIN dort ein, und nur dort.",
    ],
  ],
  howNameTitle: "Was wir über Sie erfahren",
  howName:
    "Dass jemand Bestellung Nummer Soundso bezahlt hat. Bei Dingen, die mit der Post kommen, eine Adresse. Das ist alles: kein Name eines Kontos, nichts, woran wir Sie wiedererkennen würden.",
  howOpenTitle: "Was der Anbieter erfährt",
  howOpen:
    "Dass Ihr Konto diesem Laden etwas bezahlt hat, wann und wie viel; wie eine Bank. Nicht, was Sie gekauft haben, und nicht Ihre Adresse.",
  howFoot:
    "Zum Kaufen brauchen Sie kein Skript in der Seite und kein Cookie von uns; der Korb liegt in einem Cookie bei Ihnen.",
  notFound: "Diese Seite gibt es nicht.",
  broken: "Hier ist etwas schiefgegangen. Es wurde nichts abgebucht.",
  footer: "Alles hier wurde für diese Vorführung gemacht und ist gemeinfrei (CC0).",
  skip: "Zum Inhalt",
  language: "English? The shop speaks what your browser asks for first.",
};

export const shopTexts: Readonly<Record<Language, ShopTexts>> = { en: english, de: german };
