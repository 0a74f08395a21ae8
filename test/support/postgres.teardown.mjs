export { end as default } from './postgres.run.mjs';
