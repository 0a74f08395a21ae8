import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { ensureSecret } from './data-directory.js';

/** What a server with an embedded database needs to keep and nobody configured. */
export interface GeneratedSecrets {
  /** Signs callback URLs; 43 characters. */
  readonly callbackSecret: string;
  /** 32 bytes, base64. Without it what is sealed in the log cannot be read. */
  readonly encryptionKey: string;
  /** Ed25519 private key, PKCS 8 PEM. */
  readonly sealKey: string;
}

/** Reads the secrets kept in DATA_DIR; makes those that are missing. Safe from several processes at once. */
export const ensureSecrets = async (dataDir: string): Promise<GeneratedSecrets> => ({
  callbackSecret: await ensureSecret(dataDir, 'callback-secret', () => randomBytes(32).toString('base64url')),
  encryptionKey: await ensureSecret(dataDir, 'encryption-key', () => randomBytes(32).toString('base64')),
  sealKey: await ensureSecret(dataDir, 'seal-key.pem', newSealKey),
});

const newSealKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd();
