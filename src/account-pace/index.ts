export { AccountPaceModule } from './account-pace.module.js';
export { PostgresSharedPace } from './postgres-shared-pace.js';
