/** The shop's certificate, verified again whenever the key list or the clock may have changed what it is worth. */
import {
  decodeCertificate,
  type KeyList,
  type MerchantCertificate,
  type ProtocolCrypto,
} from "@chit/protocol";
import { checkCertificate, type MerchantKeys } from "../credentials.ts";

/** Verifies the certificate once a key list; its times at every use. */
export class CertificateKeeper {
  readonly document: string;
  readonly #crypto: Pick<ProtocolCrypto, "verifyEd25519">;
  readonly #keys: MerchantKeys;
  #verified: { list: KeyList; certificate: MerchantCertificate } | undefined;

  constructor(crypto: Pick<ProtocolCrypto, "verifyEd25519">, keys: MerchantKeys, document: string) {
    this.#crypto = crypto;
    this.#keys = keys;
    this.document = document;
  }

  /** Whom the certificate is for, in force or not. */
  get merchantId(): string {
    return decodeCertificate(this.document).merchantId;
  }

  /**
   * The certificate as it is in force at `now`.
   *
   * @throws {MerchantError} as `checkCertificate` does.
   */
  inForce(list: KeyList, now: number): MerchantCertificate {
    const known = this.#verified;
    if (known !== undefined && known.list === list) {
      const { nbf, exp } = known.certificate;
      if (nbf <= now && now <= exp) return known.certificate;
    }
    const certificate = checkCertificate(this.#crypto, this.#keys, this.document, list, now);
    this.#verified = { list, certificate };
    return certificate;
  }
}
