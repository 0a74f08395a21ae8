import { GenledgerError } from '../../shared/errors.js';

/** An option cannot work. Names the option, never its value: it may be the key. */
export class ApidotOptionInvalidError extends GenledgerError {
  constructor(option: string, wanted: string) {
    super('apidot_option_invalid', 'invalid', `The provider option "${option}" must be ${wanted}.`, {
      details: { option, wanted },
    });
  }
}
