export * from './data-directory.js';
export * from './database.errors.js';
export * from './secrets.js';
export * from './embedded/embedded-postgres.js';
export { keepEmbeddedPostgres, type KeeperReports } from './embedded/kept-postgres.js';
export * from './embedded/embedded-postgres.errors.js';
export {
  checkedSchema,
  clientConfig,
  connect,
  placeOf,
  OLDEST_POSTGRES,
  type ConnectionOptions,
} from './connection.js';
export { closePool, createPool, type PoolOptions } from './pool.js';
export { grantRole, type RoleKind } from './roles.js';
export * from './database.module.js';
export { DATABASE_OPTIONS, type DatabaseModuleOptions } from './database.module-definition.js';
export * from './migrations/migrate.js';
export * from './migrations/migration-files.js';
export * from './migrations/migration.errors.js';
export { schemaState, refuseUnlessCurrent, type SchemaState } from './migrations/schema-state.js';
