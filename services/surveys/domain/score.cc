#include "services/surveys/domain/score.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <tuple>

namespace loyalty::surveys {
namespace {

// Of `n` observations; none of the three need be a whole number. Divided late, so that up to some ten million
// observations everything before the division is exact.
Interval IntervalOf(double promoters, double detractors, double n) {
  const double net = promoters - detractors;
  const double variance = std::max(0.0, (promoters + detractors) * n - net * net);  // times n²
  Interval interval;
  interval.score = 100.0 * net / n;
  interval.margin = 100.0 * kZ95 * std::sqrt(variance / n) / n;
  interval.low = std::max(-100.0, interval.score - interval.margin);
  interval.high = std::min(100.0, interval.score + interval.margin);
  return interval;
}

// How often each value was given, for one item of one question.
using Counts = std::map<int64_t, int64_t>;
using QuestionCounts = std::array<Counts, kCliItems>;

std::vector<int64_t> Spread(const Counts& counts, int64_t least, int64_t most) {
  std::vector<int64_t> spread(static_cast<size_t>(most - least + 1));
  for (const auto& [value, count] : counts) {
    if (value >= least && value <= most) spread[static_cast<size_t>(value - least)] = count;
  }
  return spread;
}

int64_t Total(const Counts& counts) {
  int64_t total = 0;
  for (const auto& [value, count] : counts) total += count;
  return total;
}

int64_t Sum(const Counts& counts) {
  int64_t sum = 0;
  for (const auto& [value, count] : counts) sum += value * count;
  return sum;
}

int64_t CountFrom(const Counts& counts, int64_t least) {
  int64_t total = 0;
  for (auto at = counts.lower_bound(least); at != counts.end(); ++at) total += at->second;
  return total;
}

NpsScore ScoreNps(const Counts& counts, int64_t n) {
  NpsScore score;
  for (const auto& [value, count] : counts) {
    switch (GroupOf(value)) {
      case NpsGroup::kPromoter:
        score.promoters += count;
        break;
      case NpsGroup::kPassive:
        score.passives += count;
        break;
      case NpsGroup::kDetractor:
        score.detractors += count;
        break;
    }
  }
  score.nps = Nps(score.promoters, score.detractors, n);
  score.wald = WaldInterval(score.promoters, score.detractors, n);
  score.adjusted = AdjustedWaldInterval(score.promoters, score.detractors, n);
  score.counts = Spread(counts, kNpsRange.least, kNpsRange.most);
  return score;
}

CliScore ScoreCli(const QuestionCounts& items, int64_t n) {
  CliScore score;
  int64_t sum = 0;
  for (size_t item = 0; item < kCliItems; ++item) {
    score.item_means[item] = static_cast<double>(Sum(items[item])) / static_cast<double>(n);
    score.counts[item] = Spread(items[item], kCliRange.least, kCliRange.most);
    sum += Sum(items[item]);
  }
  score.mean = static_cast<double>(sum) / static_cast<double>(n * static_cast<int64_t>(kCliItems));
  return score;
}

QuestionScore ScoreQuestion(const Question& question, const QuestionCounts& items) {
  QuestionScore result;
  const Counts& counts = items[0];
  const int64_t n = Total(counts);
  result.question_id = question.id;
  result.answered = n;
  switch (question.type) {
    case QuestionType::kNps:
      result.score = ScoreNps(counts, n);
      break;
    case QuestionType::kCsat:
      result.score =
          CsatScore{static_cast<double>(CountFrom(counts, kCsatRange.most - 1)) / static_cast<double>(n),
                    Spread(counts, kCsatRange.least, kCsatRange.most)};
      break;
    case QuestionType::kCli:
      result.score = ScoreCli(items, n);
      break;
    case QuestionType::kSingleChoice:
      result.score = ChoiceScore{Spread(counts, 0, static_cast<int64_t>(question.choices.size()) - 1)};
      break;
    case QuestionType::kText:
      result.score = TextScore{};
      break;
  }
  return result;
}

// The counts of one group, before they become scores.
struct Tally {
  ScoreGroup group;
  std::map<int64_t, QuestionCounts> questions;

  void Add(const CountRow& row) {
    switch (row.kind) {
      case CountRow::Kind::kAnswer:
        questions[row.question].at(static_cast<size_t>(row.item))[row.value] += row.count;
        break;
      case CountRow::Kind::kResponse:
        group.response_count += row.count;
        break;
      case CountRow::Kind::kInvitation:
        group.invitation_count += row.count;
        if (row.value == 1) group.answered_count += row.count;
        break;
    }
  }

  ScoreGroup Finish(const Survey& survey) && {
    if (group.invitation_count > 0) {
      group.response_rate =
          static_cast<double>(group.answered_count) / static_cast<double>(group.invitation_count);
    }
    for (const auto& [place, items] : questions) {
      const Question& question = survey.questions.at(static_cast<size_t>(place));
      if (Total(items[0]) < survey.min_group_size) continue;
      group.questions.push_back(ScoreQuestion(question, items));
    }
    return std::move(group);
  }
};

}  // namespace

bool operator<(const GroupKey& a, const GroupKey& b) {
  return std::tie(a.period_start, a.channel, a.segment) < std::tie(b.period_start, b.channel, b.segment);
}

double Nps(int64_t promoters, int64_t detractors, int64_t n) {
  assert(n > 0);
  return 100.0 * static_cast<double>(promoters - detractors) / static_cast<double>(n);
}

Interval WaldInterval(int64_t promoters, int64_t detractors, int64_t n) {
  assert(n > 0);
  return IntervalOf(static_cast<double>(promoters), static_cast<double>(detractors), static_cast<double>(n));
}

Interval AdjustedWaldInterval(int64_t promoters, int64_t detractors, int64_t n) {
  assert(n > 0);
  return IntervalOf(static_cast<double>(promoters) + 0.75, static_cast<double>(detractors) + 0.75,
                    static_cast<double>(n) + 3.0);
}

Scores ComputeScores(const Survey& survey, const std::vector<CountRow>& rows) {
  std::map<GroupKey, Tally> tallies;
  for (const CountRow& row : rows) tallies[row.key].Add(row);
  Scores scores;
  for (auto& [key, tally] : tallies) {
    if (tally.group.response_count < survey.min_group_size) {
      ++scores.hidden_group_count;
      continue;
    }
    tally.group.key = key;
    scores.groups.push_back(std::move(tally).Finish(survey));
  }
  return scores;
}

}  // namespace loyalty::surveys
