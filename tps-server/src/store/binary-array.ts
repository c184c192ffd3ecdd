/**
 * Arrays as parameters in PostgreSQL's binary form (`array_recv`). A batch of payments is a statement over arrays; as text,
 * byte strings double in length, every character is looked at for quotes on both sides, and that costs the
 * database more than writing the rows.
 */

/** The element types in use, with their object ids in PostgreSQL's catalogue. */
const ELEMENT_OIDS = { boolean: 16, bytea: 17, bigint: 20, smallint: 21, text: 25 } as const;

/** What an array's elements are, under their names in SQL. */
export type ElementType = keyof typeof ELEMENT_OIDS;

/** A value of {@link ElementType}. Null is SQL's null. */
export type Element = string | number | bigint | boolean | Uint8Array | null;

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

/**
 * The parameter for `$n::<type>[]`. The driver sends a Buffer as it is, in binary form.
 *
 * @throws {TypeError} when an element is not of `type`
 */
export function binaryArray(type: ElementType, elements: readonly Element[]): Buffer {
  const encoded = elements.map((element) => (element === null ? null : encode(type, element)));
  const length = encoded.reduce((sum, bytes) => sum + LENGTH_BYTES + (bytes?.length ?? 0), 0);
  const array = Buffer.allocUnsafe(HEADER_BYTES + length);
  array.writeInt32BE(1, 0); // dimensions
  array.writeInt32BE(encoded.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(ELEMENT_OIDS[type], 8);
  array.writeInt32BE(elements.length, 12);
  array.writeInt32BE(1, 16); // SQL counts from 1
  let at = HEADER_BYTES;
  for (const bytes of encoded) {
    at = array.writeInt32BE(bytes === null ? -1 : bytes.length, at);
    if (bytes === null) continue;
    array.set(bytes, at);
    at += bytes.length;
  }
  return array;
}

/**
 * One value of each row, as {@link binaryArray} gives it: a column of a statement over arrays.
 *
 * @throws {TypeError} when a value is not of `type`
 */
export function binaryColumn<Row>(
  type: ElementType,
  rows: readonly Row[],
  value: (row: Row) => Element,
): Buffer {
  return binaryArray(type, rows.map(value));
}

function encode(type: ElementType, element: Exclude<Element, null>): Uint8Array {
  switch (type) {
    case "text":
      if (typeof element === "string") return Buffer.from(element, "utf8");
      break;
    case "bytea":
      if (element instanceof Uint8Array) return element;
      break;
    case "boolean":
      if (typeof element === "boolean") return Uint8Array.of(element ? 1 : 0);
      break;
    case "bigint":
      if (typeof element === "number" || typeof element === "bigint") return int8(BigInt(element));
      break;
    case "smallint":
      if (typeof element === "number") return int2(element);
  }
  throw new TypeError(`This is no ${type}.`);
}

function int8(value: bigint): Uint8Array {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function int2(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}
