/*
 * Old partitions of the log as files. docs/archive.md says what that means for readers.
 */

export { archive, type ArchivedPartition, type ArchiveGuard, type ArchiveOptions } from './archiver.js';
export { isArchive } from './read-archive.js';
export { verifyArchive, type ArchiveVerification } from './verify-archive.js';
export * from './archive.errors.js';
