// Why the domain refuses, by the names of the contract's ErrorReason enum without its prefix. A test in
// service/ compares the two lists.
#pragma once

namespace loyalty::referral::reason {

inline constexpr char kFieldRequired[] = "FIELD_REQUIRED";
inline constexpr char kTooLong[] = "TOO_LONG";
inline constexpr char kMalformed[] = "MALFORMED";
inline constexpr char kTooMany[] = "TOO_MANY";
inline constexpr char kTooSmall[] = "TOO_SMALL";
inline constexpr char kTooLarge[] = "TOO_LARGE";
inline constexpr char kNotPositive[] = "NOT_POSITIVE";
inline constexpr char kNegative[] = "NEGATIVE";
inline constexpr char kNotAscending[] = "NOT_ASCENDING";
inline constexpr char kNotApplicable[] = "NOT_APPLICABLE";
inline constexpr char kTimeInFuture[] = "TIME_IN_FUTURE";
inline constexpr char kTimeOutOfRange[] = "TIME_OUT_OF_RANGE";
inline constexpr char kPageTokenInvalid[] = "PAGE_TOKEN_INVALID";
inline constexpr char kProgramNotFound[] = "PROGRAM_NOT_FOUND";
inline constexpr char kCampaignNotFound[] = "CAMPAIGN_NOT_FOUND";
inline constexpr char kCodeNotFound[] = "CODE_NOT_FOUND";
inline constexpr char kReferralNotFound[] = "REFERRAL_NOT_FOUND";
inline constexpr char kCampaignAlreadyExists[] = "CAMPAIGN_ALREADY_EXISTS";
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";
inline constexpr char kOrderIdReused[] = "ORDER_ID_REUSED";
inline constexpr char kCodeTaken[] = "CODE_TAKEN";
inline constexpr char kFriendAlreadyClaimed[] = "FRIEND_ALREADY_CLAIMED";
inline constexpr char kCampaignNotActive[] = "CAMPAIGN_NOT_ACTIVE";
inline constexpr char kCampaignEnded[] = "CAMPAIGN_ENDED";
inline constexpr char kCodeBlocked[] = "CODE_BLOCKED";
inline constexpr char kVanityCodeAlreadySet[] = "VANITY_CODE_ALREADY_SET";
inline constexpr char kSelfReferral[] = "SELF_REFERRAL";
inline constexpr char kFriendIsExistingBuyer[] = "FRIEND_IS_EXISTING_BUYER";
inline constexpr char kCodesExhausted[] = "CODES_EXHAUSTED";
inline constexpr char kTooManyGuesses[] = "TOO_MANY_GUESSES";

}  // namespace loyalty::referral::reason
