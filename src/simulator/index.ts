/*
 * The provider as a small server over real HTTP, with faults to switch on. It knows nothing of ours but the wire.
 */

// Run it
export { startSimulator, type Simulator } from './simulator.js';
export { SimulatorControlError } from './simulator-control.error.js';
export { type CallbackOptions, type SimulatorOptions } from './simulator.options.js';

// Break it
export { FAULTS, type FaultDefinition, type FaultName } from './faults/fault-catalogue.js';
export { FaultSyntaxError, formatFault, parseFaults, type FaultSetting } from './faults/parse-faults.js';

// Watch and hold it
export { type Gate, type GateFilter, type GatePoint } from './ledger/gates.js';
export { type LedgerCounts, type Operation } from './ledger/ledger.js';
export {
  type CallbackRecord,
  type ReadRecord,
  type RecordFilter,
  type SubmitRecord,
} from './ledger/records.js';
export { type Lie } from './callbacks/callback-message.js';
export { DEFAULT_CALLBACK_SECRET, signatureHeaders } from './callbacks/callback-signature.js';
