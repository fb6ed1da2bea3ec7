// Why the domain refuses, by the names of the contract's ErrorReason enum without its prefix.
#pragma once

namespace loyalty::surveys::reason {

inline constexpr char kFieldRequired[] = "FIELD_REQUIRED";
inline constexpr char kTooLong[] = "TOO_LONG";
inline constexpr char kMalformed[] = "MALFORMED";
inline constexpr char kTooMany[] = "TOO_MANY";
inline constexpr char kOutOfRange[] = "OUT_OF_RANGE";
inline constexpr char kDuplicate[] = "DUPLICATE";
inline constexpr char kNotApplicable[] = "NOT_APPLICABLE";
inline constexpr char kWrongKind[] = "WRONG_KIND";
inline constexpr char kUnknownQuestion[] = "UNKNOWN_QUESTION";
inline constexpr char kUnknownChoice[] = "UNKNOWN_CHOICE";
inline constexpr char kAnswerMissing[] = "ANSWER_MISSING";
inline constexpr char kNegative[] = "NEGATIVE";
inline constexpr char kPageTokenInvalid[] = "PAGE_TOKEN_INVALID";
inline constexpr char kProgramNotFound[] = "PROGRAM_NOT_FOUND";
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";
inline constexpr char kSurveyNotFound[] = "SURVEY_NOT_FOUND";
inline constexpr char kSurveyAlreadyExists[] = "SURVEY_ALREADY_EXISTS";
inline constexpr char kSurveyIncomplete[] = "SURVEY_INCOMPLETE";
inline constexpr char kSurveyStateForbids[] = "SURVEY_STATE_FORBIDS";
inline constexpr char kInvitationNotFound[] = "INVITATION_NOT_FOUND";
inline constexpr char kInvitationExpired[] = "INVITATION_EXPIRED";
inline constexpr char kInvitationAnswered[] = "INVITATION_ANSWERED";
inline constexpr char kCaseNotFound[] = "CASE_NOT_FOUND";
inline constexpr char kCaseStateForbids[] = "CASE_STATE_FORBIDS";
inline constexpr char kCaseNotesFull[] = "CASE_NOTES_FULL";
inline constexpr char kMakeGoodAboveLimit[] = "MAKE_GOOD_ABOVE_LIMIT";
inline constexpr char kMakeGoodAlreadyGiven[] = "MAKE_GOOD_ALREADY_GIVEN";

}  // namespace loyalty::surveys::reason
