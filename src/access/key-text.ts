import { hash, randomBytes } from 'node:crypto';

const FORM = /^gl_[A-Za-z0-9_-]{43}$/;

/** A new key: 256 random bits, recognisable by secret scanners by its prefix. */
export const newKeyText = (): string => `gl_${randomBytes(32).toString('base64url')}`;

/** Cheap refusal of what cannot be one of our keys. */
export const isKeyText = (text: string): boolean => FORM.test(text);

/** What is stored of a key. A plain digest suffices: nobody can try out 2^256 keys. */
export const digestOf = (key: string): Buffer => hash('sha256', key, 'buffer');
