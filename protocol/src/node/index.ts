/** The protocol's cryptography on node:crypto, for servers. */
export { nodeCrypto, verifyEd25519InPool } from "./crypto.ts";
export { nodeGoodsCipher } from "./goods-cipher.ts";
export { type NodeOpeningKey, type NodeSigner, nodeOpeningKey, nodeSigner } from "./keys.ts";
