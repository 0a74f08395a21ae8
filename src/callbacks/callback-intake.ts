import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { systemClock } from '../shared/clock.js';
import { isUuid } from '../shared/ids.js';
import { type CallbackSignature, Provider, ReceiveCallback, type RecordedCallback } from '../tasks/index.js';
import { CallbackNotFoundError, TooManyWrongTokensError } from './callback.errors.js';
import { callbackSignature } from './callback-signature.js';
import { isCallbackToken } from './callback-token.js';
import { CALLBACKS_OPTIONS, type CallbacksOptions, LOG_ID } from './callbacks.options.js';
import { selectedHeaders } from './selected-headers.js';
import { WrongTokenLimit } from './wrong-token-limit.js';

/** The parts of a callback's path, as they came. */
export interface CallbackPath {
  readonly taskId: string;
  readonly attempt: string;
  readonly token: string;
}

export interface ArrivedRequest {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly correlationId: string | null;
}

const ATTEMPT = /^[1-9]\d{0,5}$/;

/**
 * Takes what the provider posts. Two steps, so that nothing of a body is read before the token was found good:
 *
 *   admit ─► (the body is read) ─► record
 *
 * What is recorded is evidence; what it means is decided elsewhere.
 */
@Injectable()
export class CallbackIntake {
  private readonly wrongTokens = new WrongTokenLimit(systemClock);

  constructor(
    private readonly commands: CommandBus,
    private readonly provider: Provider,
    @Inject(CALLBACKS_OPTIONS) private readonly options: CallbacksOptions,
    @Inject(LOG_ID) private readonly logId: string,
  ) {}

  /**
   * Checks the token. A right one passes always, whatever the address did before: behind a proxy everybody has the
   * same address.
   *
   * @param address who asks; only wrong tokens are counted against it
   * @throws CallbackNotFoundError for a wrong token
   * @throws TooManyWrongTokensError for one wrong token too many from that address within a minute
   */
  admit({ taskId, attempt, token }: CallbackPath, address: string): void {
    const isRight =
      isUuid(taskId) &&
      ATTEMPT.test(attempt) &&
      isCallbackToken(this.options.secrets, { logId: this.logId, taskId, attempt: Number(attempt) }, token);
    if (isRight) return;
    const wait = this.wrongTokens.count(address);
    throw wait > 0 ? new TooManyWrongTokensError(wait) : new CallbackNotFoundError();
  }

  /**
   * Records an admitted callback; when it resolves it is durable.
   *
   * @throws TaskNotFoundError when the log does not know the task or the attempt
   * @throws EventStoreUnavailableError when it cannot be recorded just now
   */
  record({ taskId, attempt }: CallbackPath, request: ArrivedRequest): Promise<RecordedCallback> {
    const { body, headers, correlationId } = request;
    const cause = { actor: 'provider', correlationId };
    return this.commands.execute(
      new ReceiveCallback(
        taskId,
        Number(attempt),
        body,
        selectedHeaders(headers),
        cause,
        this.signatureOf(request),
      ),
    );
  }

  /** Null when nobody told us a secret to check with. */
  private signatureOf({ body, headers }: ArrivedRequest): CallbackSignature | null {
    const { signingSecret } = this.options;
    if (!signingSecret) return null;
    const reading = this.provider.readCallback(body);
    const providerTaskId = reading.kind === 'report' ? reading.report.providerTaskId : null;
    return callbackSignature(signingSecret, { providerTaskId, headers }, systemClock.now());
  }
}
