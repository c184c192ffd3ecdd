/** What Paper & Ink sells. */
import type { Language } from "../language.ts";

export const PRODUCT_IDS = ["book", "print", "music", "mug", "poster"] as const;
export type ProductId = (typeof PRODUCT_IDS)[number];

/** The words of a product in one language. */
export interface ProductText {
  readonly name: string;
  /** One line under the name. */
  readonly claim: string;
  readonly text: string;
  readonly facts: readonly string[];
}

export interface Product {
  readonly id: ProductId;
  readonly kind: "digital" | "physical";
  /** Decimal, in the certificate's currency. */
  readonly price: string;
  /** Under `/pictures/`. */
  readonly picture: string;
  /** How the picture lies in its frame. */
  readonly shape: "portrait" | "landscape" | "square";
  /** Something to try before paying; under `/pictures/`. */
  readonly sample?: string;
  readonly texts: Readonly<Record<Language, ProductText>>;
}

/** The article: sold by the paywall, not through the basket. */
export const ARTICLE = {
  price: "0.05",
  picture: "article.svg",
  texts: {
    en: {
      title: "The stall that nobody built",
      claim:
        "Why everything on the web is free or ten euros a month, and what thirty cents have to do with it.",
      minutes: "4 minutes",
    },
    de: {
      title: "Der Kiosk, den niemand baute",
      claim:
        "Warum im Netz alles umsonst ist oder zehn Euro im Monat kostet, und was dreißig Cent damit zu tun haben.",
      minutes: "4 Minuten",
    },
  },
} as const;

export const PRODUCTS: readonly Product[] = [
  {
    id: "book",
    kind: "digital",
    price: "4.90",
    picture: "cover.svg",
    shape: "portrait",
    texts: {
      en: {
        name: "A Short History of the Chit",
        claim: "E-book. Of notes, pickup slips, and paying without a name.",
        text: "From the scribbled notes of Calcutta’s clubs by way of split hazel sticks to a paper read on a Caribbean island in 1997: six short chapters on the long work of taking a payment apart again. For readers who never wanted to know how a signature works, and will.",
        facts: [
          "EPUB 3, reads on anything",
          "Six chapters, a quarter of an hour",
          "No copy protection: it is yours",
        ],
      },
      de: {
        name: "A Short History of the Chit",
        claim: "E-Book, englisch. Von Zetteln, Garderobenmarken und dem Bezahlen ohne Namen.",
        text: "Von den Zetteln in den Klubs von Kalkutta über gespaltene Haselstöcke zu einem Vortrag auf einer Karibikinsel im Jahr 1997: sechs kurze Kapitel über die lange Arbeit, eine Zahlung wieder in ihre Teile zu zerlegen.",
        facts: [
          "EPUB 3, auf allen Geräten lesbar",
          "Sechs Kapitel, eine Viertelstunde",
          "Ohne Kopierschutz: Es gehört Ihnen",
        ],
      },
    },
  },
  {
    id: "print",
    kind: "digital",
    price: "3.50",
    picture: "print.png",
    shape: "landscape",
    texts: {
      en: {
        name: "Lake at First Light",
        claim: "Art print as a file, for your wall or your screen.",
        text: "No camera was there. Seven ridges, a lake and the grain of a film that never existed, drawn point by point by two hundred lines of arithmetic. Print it as large as a tabletop.",
        facts: ["PNG, 1500 × 1000 points", "Without watermark", "Do with it what you like (CC0)"],
      },
      de: {
        name: "See im ersten Licht",
        claim: "Kunstdruck als Datei, für Ihre Wand oder Ihren Bildschirm.",
        text: "Eine Kamera war nicht dabei. Sieben Bergkämme, ein See und das Korn eines Films, den es nie gab, Punkt für Punkt gezeichnet von zweihundert Zeilen Arithmetik. Druckbar bis zur Größe einer Tischplatte.",
        facts: [
          "PNG, 1500 × 1000 Punkte",
          "Ohne Wasserzeichen",
          "Machen Sie damit, was Sie wollen (CC0)",
        ],
      },
    },
  },
  {
    id: "music",
    kind: "digital",
    price: "1.20",
    picture: "music.svg",
    shape: "square",
    sample: "music-sample.wav",
    texts: {
      en: {
        name: "Split Tally",
        claim: "A canon for two plucked strings. Forty seconds.",
        text: "The second voice plays what the first one played two bars ago: two halves of one stick. The strings are made of noise that is averaged until it sings, a method from 1983 that is still astonishing.",
        facts: ["WAV, 32 kHz, stereo", "41 seconds", "Plays everywhere"],
      },
      de: {
        name: "Split Tally",
        claim: "Ein Kanon für zwei gezupfte Saiten. Vierzig Sekunden.",
        text: "Die zweite Stimme spielt, was die erste vor zwei Takten spielte: zwei Hälften eines Stocks. Die Saiten bestehen aus Rauschen, das gemittelt wird, bis es singt; ein Verfahren von 1983, das immer noch verblüfft.",
        facts: ["WAV, 32 kHz, stereo", "41 Sekunden", "Läuft überall"],
      },
    },
  },
  {
    id: "mug",
    kind: "physical",
    price: "12.50",
    picture: "mug.svg",
    shape: "square",
    texts: {
      en: {
        name: "The “Who pays?” mug",
        claim: "Stoneware, 0.35 litres, asks the right question every morning.",
        text: "Thick-walled, glazed in the colour of old paper, printed with the one joke in the literature of payment protocols. We learn your address to send it, and nothing else; it reaches us sealed, and no payment house sees it.",
        facts: [
          "Stoneware, dishwasher-proof",
          "Sent by post, three to five days",
          "4.90 for packing and postage",
        ],
      },
      de: {
        name: "Die Tasse „Who pays?“",
        claim: "Steinzeug, 0,35 Liter, stellt jeden Morgen die richtige Frage.",
        text: "Dickwandig, glasiert in der Farbe alten Papiers, bedruckt mit dem einzigen Witz der Fachliteratur über Zahlungsprotokolle. Ihre Adresse erfahren wir, um sie zu schicken, sonst nichts; sie erreicht uns versiegelt, und kein Zahlhaus sieht sie.",
        facts: [
          "Steinzeug, spülmaschinenfest",
          "Mit der Post, drei bis fünf Tage",
          "4,90 für Verpackung und Porto",
        ],
      },
    },
  },
  {
    id: "poster",
    kind: "physical",
    price: "9.00",
    picture: "poster.svg",
    shape: "square",
    texts: {
      en: {
        name: "“Four who hardly talk”",
        claim: "Poster, 50 × 70 cm, on heavy uncoated paper.",
        text: "Wallet, shop, payment house and telephone: four dots, and the few lines that may run between them. The whole architecture, framed above a desk.",
        facts: [
          "50 × 70 cm, 200 g",
          "Sent rolled, three to five days",
          "4.90 for packing and postage",
        ],
      },
      de: {
        name: "„Four who hardly talk“",
        claim: "Plakat, 50 × 70 cm, auf schwerem Naturpapier.",
        text: "Geldbörse, Laden, Zahlhaus und Telefon: vier Punkte und die wenigen Linien, die zwischen ihnen laufen dürfen. Die ganze Architektur, gerahmt über dem Schreibtisch.",
        facts: [
          "50 × 70 cm, 200 g",
          "Gerollt verschickt, drei bis fünf Tage",
          "4,90 für Verpackung und Porto",
        ],
      },
    },
  },
];

/** The product of an id. */
export function productOf(id: ProductId): Product {
  const product = PRODUCTS.find((candidate) => candidate.id === id);
  if (product === undefined) throw new RangeError(`There is no product "${id}".`);
  return product;
}
