import { type Config } from '../config/index.js';

/** The configuration with everything filled in that the machine decided: embedded database, generated secrets, simulator. */
export interface Settings {
  readonly config: Config;
  readonly database: { readonly url: string; readonly isEmbedded: boolean; readonly home: string | null };
  readonly provider: { readonly baseUrl: string; readonly apiKey: string; readonly isSimulator: boolean };
  /** Where callbacks reach us; null: they cannot, polling alone is used. */
  readonly publicUrl: string | null;
  readonly callbackSecrets: readonly string[];
  readonly encryptionKeys: readonly string[];
  /** Ed25519 private key, PEM. Null: the log is not sealed. */
  readonly sealKey: string | null;
}
