/*
 * The log as evidence: sealing it, exporting the seals, checking everything again. docs/audit.md says what it proves.
 */

export { isSignatureRight, keyIdOf, sealStatement, type LogSeal } from './log-seal.js';
export { publicKeyOf, SealSigner } from './seal-signer.js';
export { LogSealer } from './log-sealer.js';
export { SealRows } from './seal-rows.js';
export { parseExport, type LogExport } from './log-export.js';
export { writeExport, type WrittenExport } from './write-export.js';
export { verifyLog, type Verification, type VerifyOptions } from './verify/verify-log.js';
export { type ArchivedRange, StoredLog } from './verify/stored-log.js';
export { verifyRange, type RangeVerifier } from './verify/verify-range.js';
export { RangeWorkers } from './verify/range-workers.js';
export { type Fault, type Finding, inOrder } from './verify/finding.js';
export * from './audit.errors.js';
