// What a member answered.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/status/fingerprint.h"
#include "common/status/status.h"
#include "services/surveys/domain/case.h"
#include "services/surveys/domain/invitation.h"
#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

// The kinds of value. Which one a question takes: Score for NPS and CSAT, CliScores, ChoiceId, FreeText.
struct Score {
  int64_t value = 0;
  bool operator==(const Score&) const = default;
};
struct CliScores {
  std::array<int64_t, kCliItems> values = {};  // in the order of kCliItemNames
  bool operator==(const CliScores&) const = default;
};
struct ChoiceId {
  std::string id;
  bool operator==(const ChoiceId&) const = default;
};
struct FreeText {
  std::string text;
  bool operator==(const FreeText&) const = default;
};

struct Answer {
  std::string question_id;
  std::variant<std::monostate, Score, CliScores, ChoiceId, FreeText> value;
  std::string comment;  // the answer to an NPS question's follow-up; empty: none
  bool operator==(const Answer&) const = default;
};

struct Response {
  int64_t id = 0;  // unique in the program; storage gives it
  int64_t survey_key = 0;
  std::string survey_id;
  int64_t invitation_id = 0;
  std::string member_id;
  std::string channel;  // the invitation's
  std::string segment;  // the invitation's
  absl::Time submit_time;
  absl::CivilDay submit_date;   // in the program's zone
  int64_t points = 0;           // awarded for completing; 0: none
  Digest content = {};          // of the answers: tells a repeated submit from another one
  std::vector<Answer> answers;  // in the order of the survey's questions
  bool operator==(const Response&) const = default;
};

// Adds everything that is wrong with answers to a survey: of an unknown question or a second time, of the
// wrong kind, out of range, missing though required, none at all. A comment may be given where the
// question's follow-up for the score's group asks for one. Fields: `answers[2].score`, `answers`.
void ValidateAnswers(const Survey& survey, const std::vector<Answer>& answers, Violations& violations);

// A fingerprint that does not depend on the order of the answers.
Digest ContentOf(const std::vector<Answer>& answers);

struct Submission {
  Response response;
  std::optional<Case> opened;  // without the response's id, which storage gives
};

// The response of an invitation that has none yet, with the case that it opens. Errors: those of
// CheckAnswerable, then those of ValidateAnswers.
absl::StatusOr<Submission> Submit(const Survey& survey, const Invitation& invitation,
                                  const std::vector<Answer>& answers, absl::Time now, absl::TimeZone zone);

// For an invitation that has a response: OK if the same was submitted, which answers the call as replayed;
// otherwise ALREADY_EXISTS, reason INVITATION_ANSWERED.
absl::Status CheckSameAnswers(const Response& earlier, const std::vector<Answer>& answers);

// The case that a response opens by the survey's policy, if any.
std::optional<Case> CaseFor(const Survey& survey, const Response& response);

}  // namespace loyalty::surveys
