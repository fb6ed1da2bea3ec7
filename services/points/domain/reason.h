// Why the domain refuses, by the names of the contract's ErrorReason enum without its prefix. A test in
// service/ compares the two lists.
#pragma once

namespace loyalty::points::reason {

inline constexpr char kFieldRequired[] = "FIELD_REQUIRED";
inline constexpr char kTooLong[] = "TOO_LONG";
inline constexpr char kMalformed[] = "MALFORMED";
inline constexpr char kTooMany[] = "TOO_MANY";
inline constexpr char kTooLarge[] = "TOO_LARGE";
inline constexpr char kNotPositive[] = "NOT_POSITIVE";
inline constexpr char kNegative[] = "NEGATIVE";
inline constexpr char kZero[] = "ZERO";
inline constexpr char kTimeInFuture[] = "TIME_IN_FUTURE";
inline constexpr char kTimeOutOfRange[] = "TIME_OUT_OF_RANGE";
inline constexpr char kTotalMismatch[] = "TOTAL_MISMATCH";
inline constexpr char kCurrencyMismatch[] = "CURRENCY_MISMATCH";
inline constexpr char kUnknownCurrency[] = "UNKNOWN_CURRENCY";
inline constexpr char kUnknownTimeZone[] = "UNKNOWN_TIME_ZONE";
inline constexpr char kPageTokenInvalid[] = "PAGE_TOKEN_INVALID";
inline constexpr char kUpdateMaskInvalid[] = "UPDATE_MASK_INVALID";
inline constexpr char kProgramNotFound[] = "PROGRAM_NOT_FOUND";
inline constexpr char kMemberNotFound[] = "MEMBER_NOT_FOUND";
inline constexpr char kProgramAlreadyExists[] = "PROGRAM_ALREADY_EXISTS";
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";
inline constexpr char kOrderIdReused[] = "ORDER_ID_REUSED";
inline constexpr char kInsufficientPoints[] = "INSUFFICIENT_POINTS";
inline constexpr char kPointsOverflow[] = "POINTS_OVERFLOW";
inline constexpr char kOrderNotFound[] = "ORDER_NOT_FOUND";
inline constexpr char kEntryNotFound[] = "ENTRY_NOT_FOUND";
inline constexpr char kEntryNotReversible[] = "ENTRY_NOT_REVERSIBLE";
inline constexpr char kReversalExceedsEntry[] = "REVERSAL_EXCEEDS_ENTRY";
inline constexpr char kReturnExceedsOrder[] = "RETURN_EXCEEDS_ORDER";
inline constexpr char kReturnIdReused[] = "RETURN_ID_REUSED";
inline constexpr char kTooManyLabels[] = "TOO_MANY_LABELS";
inline constexpr char kTimeOrder[] = "TIME_ORDER";
inline constexpr char kEarnRuleNotFound[] = "EARN_RULE_NOT_FOUND";
inline constexpr char kEarnRuleAlreadyExists[] = "EARN_RULE_ALREADY_EXISTS";
inline constexpr char kTooManyEarnRules[] = "TOO_MANY_EARN_RULES";
inline constexpr char kMultiplierTooSmall[] = "MULTIPLIER_TOO_SMALL";
inline constexpr char kEarnRuleArchived[] = "EARN_RULE_ARCHIVED";
inline constexpr char kNotApplicable[] = "NOT_APPLICABLE";
inline constexpr char kDuplicate[] = "DUPLICATE";
inline constexpr char kActivityIdReused[] = "ACTIVITY_ID_REUSED";
inline constexpr char kHoldNotOpen[] = "HOLD_NOT_OPEN";
inline constexpr char kCaptureExceedsHold[] = "CAPTURE_EXCEEDS_HOLD";
inline constexpr char kOrderTooSmall[] = "ORDER_TOO_SMALL";
inline constexpr char kShareTooLarge[] = "SHARE_TOO_LARGE";
inline constexpr char kTransfersNotAllowed[] = "TRANSFERS_NOT_ALLOWED";
inline constexpr char kTransferLimit[] = "TRANSFER_LIMIT";
inline constexpr char kTierNotFound[] = "TIER_NOT_FOUND";
inline constexpr char kTooSmall[] = "TOO_SMALL";
inline constexpr char kRewardNotFound[] = "REWARD_NOT_FOUND";
inline constexpr char kRewardAlreadyExists[] = "REWARD_ALREADY_EXISTS";
inline constexpr char kTooManyRewards[] = "TOO_MANY_REWARDS";
inline constexpr char kRewardArchived[] = "REWARD_ARCHIVED";
inline constexpr char kRewardKindFixed[] = "REWARD_KIND_FIXED";
inline constexpr char kRewardNotValid[] = "REWARD_NOT_VALID";
inline constexpr char kRewardTierMissing[] = "REWARD_TIER_MISSING";
inline constexpr char kRewardLabelMissing[] = "REWARD_LABEL_MISSING";
inline constexpr char kRewardLimitReached[] = "REWARD_LIMIT_REACHED";
inline constexpr char kOutOfStock[] = "OUT_OF_STOCK";
inline constexpr char kNoCodeLeft[] = "NO_CODE_LEFT";
inline constexpr char kNoUploadedCodes[] = "NO_UPLOADED_CODES";
inline constexpr char kRewardCodeExists[] = "REWARD_CODE_EXISTS";
inline constexpr char kRedemptionNotFound[] = "REDEMPTION_NOT_FOUND";
inline constexpr char kRedemptionNotPending[] = "REDEMPTION_NOT_PENDING";
inline constexpr char kConflict[] = "CONFLICT";
inline constexpr char kTooManyExpiryChanges[] = "TOO_MANY_EXPIRY_CHANGES";
inline constexpr char kMemberClosed[] = "MEMBER_CLOSED";
inline constexpr char kSameMember[] = "SAME_MEMBER";
inline constexpr char kTooManyConsents[] = "TOO_MANY_CONSENTS";

}  // namespace loyalty::points::reason
