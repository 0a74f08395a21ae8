import { isSignatureRight, keyIdOf, type LogSeal, NO_SEAL_BEFORE, sealDigest } from '../log-seal.js';
import { type Finding } from './finding.js';

/** What seals are held against. */
export interface SealedLog {
  readonly logId: string;
  /** Where the log ends. */
  readonly head: number;
  /** The only keys that may have signed, by fingerprint; null: any. */
  readonly trustedKeys: ReadonlySet<string> | null;
}

/** How the seals of one source, the database or an export, follow from each other. Pure. */
export class SealCheck {
  /** Up to here the newest seal agreed with the log: what differs further on was changed behind it. */
  private agreed: number;

  /**
   * @param before the seal before the first one; null: the first one is number 1; undefined: not known
   * @param agreed the position up to which nothing is asked
   */
  constructor(
    private readonly log: SealedLog,
    private before: LogSeal | null | undefined,
    agreed = before?.position ?? 0,
  ) {
    this.agreed = agreed;
  }

  /** Takes the next seal in order of number, with the chain that the log has at its position (undefined: none ends there). */
  take(seal: LogSeal, chain: string | undefined): Finding[] {
    const findings = [...this.findings(seal, chain)];
    this.before = seal;
    if (chain === seal.chain) this.agreed = Math.max(this.agreed, seal.position);
    return findings;
  }

  private *findings(seal: LogSeal, chain: string | undefined): Generator<Finding> {
    const { number, position } = seal;
    const { logId, head, trustedKeys } = this.log;
    const at = (fault: Finding['fault'], message: string): Finding => ({ position, fault, message });
    if (seal.logId !== logId) {
      yield at('seal_log', `Seal ${number} is of log ${seal.logId}, this is log ${logId}.`);
    }
    if (!isSignatureRight(seal)) {
      yield at('seal_signature', `The signature of seal ${number} does not fit what the seal says.`);
    }
    const keyId = keyIdOf(seal.publicKey);
    if (trustedKeys !== null && !trustedKeys.has(keyId)) {
      yield at('seal_key', `Seal ${number} was signed by key ${keyId}, which is not one of those given.`);
    }
    if (!this.follows(seal)) {
      yield at(
        'seal_sequence',
        `Seal ${number} does not follow from the seal before it: one was removed or changed.`,
      );
    }
    if (position > head) {
      const lost = `Positions ${head + 1} to ${position} are missing: seal ${number} covers them, the log ends at ${head}.`;
      yield { position: head + 1, fault: 'tail_missing', message: lost };
    } else if (chain !== seal.chain) {
      const changed = `Seal ${number} was made for another history: something between ${this.agreed + 1} and ${position} was rewritten since.`;
      yield { position: this.agreed + 1, fault: 'seal_chain', message: changed };
    }
  }

  private follows(seal: LogSeal): boolean {
    if (this.before === undefined) return true;
    if (this.before === null) return seal.number === 1 && seal.previous === NO_SEAL_BEFORE;
    return (
      seal.number === this.before.number + 1 &&
      seal.position > this.before.position &&
      seal.previous === sealDigest(this.before)
    );
  }
}
