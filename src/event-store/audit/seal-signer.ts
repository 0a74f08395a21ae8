import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { keyIdOf, type LogSeal, sealStatement } from './log-seal.js';

/** The Ed25519 key that seals are signed with. */
export class SealSigner {
  readonly keyId: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Buffer;
  private readonly privateKey: KeyObject;

  /** @param pem an Ed25519 private key, PKCS 8 */
  constructor(pem: string) {
    this.privateKey = createPrivateKey(pem);
    this.publicKey = publicKeyOf(this.privateKey);
    this.keyId = keyIdOf(this.publicKey);
  }

  sign(statement: Omit<LogSeal, 'signature' | 'publicKey'>): LogSeal {
    const signed = { ...statement, publicKey: this.publicKey };
    return { ...signed, signature: sign(null, sealStatement(signed), this.privateKey) };
  }
}

/**
 * The public key in a PEM, whether it holds the public or the private one: SubjectPublicKeyInfo in DER.
 *
 * @throws Error it holds neither
 */
export const publicKeyOf = (pem: string | KeyObject): Buffer =>
  createPublicKey(pem).export({ format: 'der', type: 'spki' });
