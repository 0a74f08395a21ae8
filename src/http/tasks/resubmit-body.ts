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

/** For posts that need no body. */
export class EmptyBody {}
