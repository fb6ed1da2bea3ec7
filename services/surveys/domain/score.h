// Scores of a survey, from counts of its answers. Counts are whole numbers; floating point begins with the
// last division.
//
// Formulas, with p promoters, d detractors and n scores:
//   NPS = 100 (p − d) / n
//   Wald interval: NPS ± 100 z sqrt((p/n + d/n − (p/n − d/n)²) / n), z for 95 %
//   adjusted Wald: the same with n + 3, p + 3/4 and d + 3/4 (a pseudo-observation in each of four parts, the
//   passives taking two): honest also for few answers and for scores near ±100
//   CSAT = the share of the scores 4 and 5
//   CLI = the mean of all scores of the three questions
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/civil_time.h>

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

inline constexpr double kZ95 = 1.959963984540054;  // the 97.5 % quantile of the normal distribution

// A score with its 95 % interval, both ends clamped to −100 and 100.
struct Interval {
  double score = 0;
  double margin = 0;  // not clamped: half the width of the interval
  double low = 0;
  double high = 0;
};

// For n ≥ 1 scores.
double Nps(int64_t promoters, int64_t detractors, int64_t n);
Interval WaldInterval(int64_t promoters, int64_t detractors, int64_t n);
Interval AdjustedWaldInterval(int64_t promoters, int64_t detractors, int64_t n);

// Each `counts` holds how often each score was given, beginning with the least one.
struct NpsScore {
  int64_t promoters = 0;
  int64_t passives = 0;
  int64_t detractors = 0;
  double nps = 0;  // −100 to 100
  Interval wald;
  Interval adjusted;
  std::vector<int64_t> counts;  // of 0 to 10
};
struct CsatScore {
  double top_two_share = 0;     // 0 to 1
  std::vector<int64_t> counts;  // of 1 to 5
};
struct CliScore {
  double mean = 0;  // 1 to 6
  std::array<double, kCliItems> item_means = {};
  std::array<std::vector<int64_t>, kCliItems> counts;  // of 1 to 6
};
struct ChoiceScore {
  std::vector<int64_t> counts;  // in the order of the question's choices
};
struct TextScore {};

struct QuestionScore {
  std::string question_id;
  int64_t answered = 0;  // responses that answer it
  std::variant<NpsScore, CsatScore, CliScore, ChoiceScore, TextScore> score;
};

// What scores are grouped by. Weeks begin on Monday; days are those of the program's zone.
enum class Period { kAll = 0, kDay = 1, kWeek = 2, kMonth = 3 };
struct Grouping {
  Period period = Period::kAll;
  bool by_channel = false;
  bool by_segment = false;
};

// How groups are told apart; what is not grouped by has its default value.
struct GroupKey {
  absl::CivilDay period_start;
  std::string channel;
  std::string segment;
  bool operator==(const GroupKey&) const = default;
};
bool operator<(const GroupKey& a, const GroupKey& b);

struct ScoreGroup {
  GroupKey key;
  int64_t response_count = 0;            // submitted in the period
  int64_t invitation_count = 0;          // made in the period
  int64_t answered_count = 0;            // of these, those that were answered, whenever
  double response_rate = 0;              // answered / invitations, 0 to 1; 0 if there are none
  std::vector<QuestionScore> questions;  // in the survey's order, without those that are answered too seldom
};

struct Scores {
  std::vector<ScoreGroup> groups;  // in the order of their keys
  int64_t hidden_group_count = 0;  // with fewer responses than the survey's min_group_size
};

// One count, as storage aggregates it.
struct CountRow {
  enum class Kind { kAnswer = 1, kResponse = 2, kInvitation = 3 };
  Kind kind = Kind::kAnswer;
  GroupKey key;
  // Of an answer: the question's place in the survey (0, 1, …), the CLI item (0 to 2), and the score, or the
  // place of the choice (0, 1, …), or 0 for a text. Of an invitation: `value` is 1 if it was answered.
  int64_t question = 0;
  int64_t item = 0;
  int64_t value = 0;
  int64_t count = 0;
};

Scores ComputeScores(const Survey& survey, const std::vector<CountRow>& rows);

}  // namespace loyalty::surveys
