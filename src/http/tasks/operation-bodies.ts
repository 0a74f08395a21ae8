import { Equals, IsDefined, IsString, Matches, MaxLength } from 'class-validator';

/** The body of a resubmit: the risk is accepted in words, and somebody says why. */
export class ResubmitBody {
  @IsDefined({ message: 'accept_duplicate_risk is required: an earlier attempt may be paid as well.' })
  @Equals(true, { message: 'accept_duplicate_risk must be true: an earlier attempt may be paid as well.' })
  accept_duplicate_risk: true;

  @IsDefined({ message: 'reason is required.' })
  @IsString({ message: 'reason must be text.' })
  @Matches(/\S/, { message: 'reason must not be empty.' })
  @MaxLength(1_000, { message: 'reason has at most 1000 characters.' })
  reason: string;
}

/** The body of an erasure. Of the reason only a keyed digest is kept. */
export class EraseBody {
  @IsDefined({ message: 'reason is required.' })
  @IsString({ message: 'reason must be text.' })
  @Matches(/\S/, { message: 'reason must not be empty.' })
  @MaxLength(1_000, { message: 'reason has at most 1000 characters.' })
  reason: string;
}

/** What an answer to an erasure says of copies that are not ours to destroy. */
export const ERASED_NOTICE =
  'The data key is destroyed. Backups, the write-ahead log and relays keep their copies until they age out.';

/** For posts that need no body. */
export class EmptyBody {}
