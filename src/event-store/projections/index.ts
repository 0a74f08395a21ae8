export { type ColumnType, type ColumnValue } from './copy-format.js';
export {
  type EventTable,
  type InlineProjection,
  type ProjectedTable,
  type ReplayedEvent,
  type StreamTable,
} from './projection.js';
export * from './projection.errors.js';
export { type RebuildPhase } from './rebuild-progress.js';
export { rebuild, type RebuildOptions, type RebuildProgressReport, type RebuildReport } from './rebuild.js';
export {
  type Difference,
  type ProjectionVerification,
  type ProjectionVerifyOptions,
  verifyProjection,
} from './verify.js';
