export { begin as default } from './postgres.run.mjs';
