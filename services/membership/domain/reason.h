// Why the domain refuses, by the names of the contract's ErrorReason enum without its prefix. A test in
// service/ compares the two lists.
#pragma once

namespace loyalty::membership::reason {

inline constexpr char kFieldRequired[] = "FIELD_REQUIRED";
inline constexpr char kTooLong[] = "TOO_LONG";
inline constexpr char kMalformed[] = "MALFORMED";
inline constexpr char kTooMany[] = "TOO_MANY";
inline constexpr char kNotPositive[] = "NOT_POSITIVE";
inline constexpr char kNegative[] = "NEGATIVE";
inline constexpr char kTooLarge[] = "TOO_LARGE";
inline constexpr char kDuplicate[] = "DUPLICATE";
inline constexpr char kNotRising[] = "NOT_RISING";
inline constexpr char kNotApplicable[] = "NOT_APPLICABLE";
inline constexpr char kTimeInFuture[] = "TIME_IN_FUTURE";
inline constexpr char kTimeOutOfRange[] = "TIME_OUT_OF_RANGE";
inline constexpr char kUnknownCurrency[] = "UNKNOWN_CURRENCY";
inline constexpr char kPageTokenInvalid[] = "PAGE_TOKEN_INVALID";
inline constexpr char kProgramNotFound[] = "PROGRAM_NOT_FOUND";
inline constexpr char kPlanNotFound[] = "PLAN_NOT_FOUND";
inline constexpr char kMembershipNotFound[] = "MEMBERSHIP_NOT_FOUND";
inline constexpr char kInvoiceNotFound[] = "INVOICE_NOT_FOUND";
inline constexpr char kChargeNotFound[] = "CHARGE_NOT_FOUND";
inline constexpr char kPlanAlreadyExists[] = "PLAN_ALREADY_EXISTS";
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";
inline constexpr char kAlreadySubscribed[] = "ALREADY_SUBSCRIBED";
inline constexpr char kPlanArchived[] = "PLAN_ARCHIVED";
inline constexpr char kNoPrice[] = "NO_PRICE";
inline constexpr char kMembershipEnded[] = "MEMBERSHIP_ENDED";
inline constexpr char kAlreadyCancelled[] = "ALREADY_CANCELLED";
inline constexpr char kNotCancelled[] = "NOT_CANCELLED";
inline constexpr char kNotRenewing[] = "NOT_RENEWING";
inline constexpr char kNoPeriod[] = "NO_PERIOD";
inline constexpr char kBenefitNotGranted[] = "BENEFIT_NOT_GRANTED";
inline constexpr char kBenefitNotCounted[] = "BENEFIT_NOT_COUNTED";
inline constexpr char kQuotaExhausted[] = "QUOTA_EXHAUSTED";

}  // namespace loyalty::membership::reason
