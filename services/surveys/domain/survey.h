// A survey: what is asked, of whom, what an answer is worth, and when it opens a case.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "common/status/status.h"

namespace loyalty::surveys {

enum class QuestionType {
  kNps = 1,           // 0 to 10: would you recommend us
  kCsat = 2,          // 1 to 5, 5 is very satisfied
  kCli = 3,           // the three standard questions, each 1 to 6, 6 is the most loyal
  kSingleChoice = 4,  // one of the choices
  kText = 5,          // free text
};

// Who gave an NPS score: promoters 9 and 10, passives 7 and 8, detractors 0 to 6.
enum class NpsGroup { kPromoter = 1, kPassive = 2, kDetractor = 3 };
NpsGroup GroupOf(int64_t nps_score);

// The range of scores of a question, both ends included. Not for choices and texts.
struct ScoreRange {
  int64_t least = 0;
  int64_t most = 0;
};
inline constexpr ScoreRange kNpsRange{0, 10};
inline constexpr ScoreRange kCsatRange{1, 5};
inline constexpr ScoreRange kCliRange{1, 6};

// The three questions of the customer loyalty index, in this order.
inline constexpr size_t kCliItems = 3;
inline constexpr std::array<const char*, kCliItems> kCliItemNames = {"recommend", "buy_again",
                                                                     "try_other_products"};
inline constexpr std::array<const char*, kCliItems> kCliStandardTexts = {
    "How likely are you to recommend us to others?", "How likely are you to buy from us again?",
    "How likely are you to try other products or services of ours?"};

struct Choice {
  std::string id;
  std::string text;
  bool operator==(const Choice&) const = default;
};

// What an NPS question asks next, by the group of the score; empty: nothing.
struct FollowUp {
  std::string promoter;
  std::string passive;
  std::string detractor;
  const std::string& For(NpsGroup group) const;
  bool operator==(const FollowUp&) const = default;
};

struct Question {
  std::string id;  // unique in the survey
  QuestionType type = QuestionType::kNps;
  std::string text;
  bool required = false;
  std::vector<Choice> choices;                   // kSingleChoice only
  FollowUp follow_up;                            // kNps only
  std::array<std::string, kCliItems> cli_texts;  // kCli only; empty: the standard text
  bool operator==(const Question&) const = default;
};

enum class TriggerKind { kManual = 1, kAfterPurchase = 2 };

// What makes an invitation beside CreateInvitation: the member's `nth` purchase of at least
// `min_amount_minor` (minor units of the program's currency) since the survey was published.
struct Trigger {
  TriggerKind kind = TriggerKind::kManual;
  int64_t nth = 0;  // 1 to kMaxNth; 0 for kManual
  int64_t min_amount_minor = 0;
  bool operator==(const Trigger&) const = default;
};

// When a response opens a case, and what its agents may do.
struct CasePolicy {
  bool for_detractors = true;                          // an NPS score of 0 to 6 opens a case
  int64_t csat_at_most = 2;                            // so does a CSAT score of this or less; 0: none does
  absl::Duration first_reply_within = absl::Hours(1);  // whole seconds
  int64_t make_good_limit_points = 0;                  // for one case
  bool operator==(const CasePolicy&) const = default;
};

enum class SurveyState { kDraft = 1, kPublished = 2, kClosed = 3 };
const char* NameOf(SurveyState state);

struct Survey {
  int64_t key = 0;  // ours; storage gives it
  std::string id;   // the caller's, unique in the program
  std::string display_name;
  std::vector<Question> questions;
  int64_t completion_points = 0;  // 0: none
  Trigger trigger;
  absl::Duration invitation_validity = absl::Hours(24 * 14);  // whole seconds
  CasePolicy cases;
  int64_t min_group_size = 5;  // scores of fewer responses are not shown
  SurveyState state = SurveyState::kDraft;
  absl::Time create_time;
  absl::Time publish_time = absl::InfiniteFuture();  // which stands for: not yet
  absl::Time close_time = absl::InfiniteFuture();    // the same
  bool operator==(const Survey&) const = default;

  const Question* FindQuestion(absl::string_view question_id) const;
};

inline constexpr size_t kMaxQuestions = 50;
inline constexpr size_t kMaxChoices = 50;
inline constexpr int64_t kMaxNth = 1'000;
inline constexpr int64_t kMaxPoints = 1'000'000'000;  // of one completion, of one case
inline constexpr int64_t kMaxGroupSize = 1'000;
inline constexpr absl::Duration kMinValidity = absl::Minutes(1);
inline constexpr absl::Duration kMaxValidity = absl::Hours(24 * 366);
inline constexpr absl::Duration kMinFirstReply = absl::Minutes(1);
inline constexpr absl::Duration kMaxFirstReply = absl::Hours(24 * 31);

// Fills in what may be left out: the standard texts of CLI questions.
void FillDefaults(Survey& survey);

// Adds everything that is wrong with a draft. It may be incomplete: texts and choices may be missing.
void ValidateSurvey(const Survey& survey, Violations& violations);

// What publishing still asks for: at least one question, each with its text, choices at least two. OK, or
// FAILED_PRECONDITION with reason SURVEY_INCOMPLETE and all the violations.
absl::Status CheckComplete(const Survey& survey);

// The steps of a survey's life. FAILED_PRECONDITION with reason SURVEY_STATE_FORBIDS (`state`) for a state
// that is not the one before.
absl::Status Publish(Survey& survey, absl::Time now);  // a draft; also what CheckComplete says
absl::Status Close(Survey& survey, absl::Time now);    // a published survey
// Puts another definition in the place of a draft; id, key and times stay.
absl::Status ReplaceDraft(Survey& survey, const Survey& definition);
// OK for a published survey.
absl::Status CheckPublished(const Survey& survey);

// Whether a purchase is one that the survey counts: the survey is published, waits for purchases, and this
// one is large enough and not from before the publishing.
bool Counts(const Survey& survey, int64_t amount_minor, absl::Time purchase_time);
// Whether the `purchases`-th counted purchase of a member is the one that invites.
inline bool Fires(const Survey& survey, int64_t purchases) { return purchases == survey.trigger.nth; }

}  // namespace loyalty::surveys
