/** X25519 keys as the HPKE suite on node:crypto holds them. */
import type { KeyObject } from "node:crypto";
import type { Key } from "hpke";

/** A key as `hpke` wants to see it, with node:crypto's object and the raw public key behind it. */
export class NodeKey implements Key {
  readonly algorithm = { name: "X25519" };
  readonly extractable = true;
  readonly type: "private" | "public";
  readonly object: KeyObject;
  readonly publicRaw: Uint8Array;

  constructor(type: "private" | "public", object: KeyObject, publicRaw: Uint8Array) {
    this.type = type;
    this.object = object;
    this.publicRaw = publicRaw;
  }
}
