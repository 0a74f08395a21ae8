import pg from 'pg';
import { GenledgerError } from '../../shared/errors.js';

const WORD = /^[A-Za-z_$][\w$.-]{0,99}$/;

/**
 * What kind of error it is, in one word that is safe to store and to show: our code, the database's state, or the name of
 * the class. Never the message, which may quote the content of an event.
 */
export const errorClass = (error: unknown): string => {
  if (error instanceof GenledgerError) return error.code;
  if (error instanceof pg.DatabaseError && error.code) return `SQLSTATE.${error.code}`;
  if (!(error instanceof Error)) return typeof error;
  return WORD.test(error.name) ? error.name : 'Error';
};
