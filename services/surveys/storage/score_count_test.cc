// Scores from the database, against those that are computed from the responses one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "services/surveys/storage/test_store.h"

namespace loyalty::surveys {
namespace {

using postgres::Transaction;

// What one response adds, kept apart from everything that the service computes with.
struct Given {
  absl::Time time;
  std::string channel, segment;
  int nps = 0;
  int csat = 0;  // 0: not answered
  std::vector<int> cli;
};

class ScoreCounts : public ::testing::Test {
 protected:
  void SetUp() override {
    survey_.min_group_size = 3;
    survey_ = store_.Store(survey_);
    std::mt19937 random(20260501);
    const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
    for (int i = 0; i < 300; ++i) {
      Given given;
      given.time = kNoon + absl::Hours(below(70 * 24));
      given.channel = below(2) == 0 ? "mail" : "";
      given.segment = below(3) == 0 ? "gold" : "basic";
      given.nps = below(11);
      given.csat = below(6);
      if (below(2) == 0) given.cli = {1 + below(6), 1 + below(6), 1 + below(6)};
      std::vector<Answer> answers = {ScoreOf("nps", given.nps)};
      if (given.csat > 0) answers.push_back(ScoreOf("csat", given.csat));
      if (!given.cli.empty())
        answers.push_back({"cli", CliScores{{given.cli[0], given.cli[1], given.cli[2]}}, ""});
      store_.StoreResponse(survey_, absl::StrCat("t", i), answers, given.time,
                           {"anna", given.channel, given.segment, {}, ""});
      all_.push_back(given);
    }
    for (int i = 0; i < 100; ++i)  // nobody answers these
      store_.Store(*Invite(survey_, {"bert", "mail", "gold", {}, ""}, absl::StrCat("u", i), kNoon,
                           absl::UTCTimeZone()));
  }

  Scores Get(const Grouping& grouping, absl::Time start = absl::InfinitePast(),
             absl::Time end = absl::InfiniteFuture()) {
    return store_.In([&](Transaction& tx) {
      return ComputeScores(survey_, CountScores(tx, kShop, survey_.key, start, end, grouping));
    });
  }

  static absl::CivilDay StartOf(Period period, absl::Time time) {
    const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
    if (period == Period::kAll) return {};
    if (period == Period::kMonth) return absl::CivilDay(absl::CivilMonth(day));
    return period == Period::kDay ? day : absl::PrevWeekday(day + 1, absl::Weekday::monday);
  }

  void ExpectEqual(const Grouping& grouping) {
    std::map<GroupKey, std::vector<Given>> groups;
    for (const Given& given : all_) {
      groups[{StartOf(grouping.period, given.time), grouping.by_channel ? given.channel : "",
              grouping.by_segment ? given.segment : ""}]
          .push_back(given);
    }
    const int64_t all = static_cast<int64_t>(groups.size());
    std::erase_if(groups, [](const auto& group) { return group.second.size() < 3; });
    const Scores scores = Get(grouping);
    ASSERT_EQ(scores.groups.size(), groups.size());
    // Groups that have only invitations are hidden, too.
    EXPECT_GE(scores.hidden_group_count, all - static_cast<int64_t>(groups.size()));
    size_t i = 0;
    for (const auto& [key, members] : groups) ExpectEqual(scores.groups[i++], key, members);
  }

  static void ExpectEqual(const ScoreGroup& group, const GroupKey& key, const std::vector<Given>& members) {
    EXPECT_EQ(group.key, key);
    EXPECT_EQ(group.response_count, static_cast<int64_t>(members.size()));
    EXPECT_EQ(group.answered_count, static_cast<int64_t>(members.size()));
    double difference = 0, satisfied = 0, rated = 0, sum = 0, loyal = 0;
    for (const Given& given : members) {
      difference += given.nps >= 9 ? 1 : given.nps <= 6 ? -1 : 0;
      rated += given.csat > 0 ? 1 : 0;
      satisfied += given.csat >= 4 ? 1 : 0;
      loyal += given.cli.empty() ? 0 : 1;
      for (const int score : given.cli) sum += score;
    }
    std::map<std::string, const QuestionScore*> shown;
    for (const QuestionScore& question : group.questions) shown[question.question_id] = &question;
    EXPECT_EQ(std::get<NpsScore>(shown.at("nps")->score).nps,
              100.0 * difference / static_cast<double>(members.size()));
    ASSERT_EQ(shown.count("csat"), rated >= 3 ? 1u : 0u);
    if (rated >= 3) {
      EXPECT_EQ(std::get<CsatScore>(shown.at("csat")->score).top_two_share, satisfied / rated);
    }
    ASSERT_EQ(shown.count("cli"), loyal >= 3 ? 1u : 0u);
    if (loyal >= 3) {
      EXPECT_EQ(std::get<CliScore>(shown.at("cli")->score).mean, sum / (3 * loyal));
    }
  }

  TestStore store_;
  Survey survey_ = FullSurvey();
  std::vector<Given> all_;
};

TEST_F(ScoreCounts, GiveTheScoresOfTheResponsesInEveryGrouping) {
  for (const Period period : {Period::kAll, Period::kDay, Period::kWeek, Period::kMonth}) {
    for (const bool by_channel : {false, true}) {
      for (const bool by_segment : {false, true}) {
        SCOPED_TRACE(absl::StrCat("period ", static_cast<int>(period), by_channel ? " channel" : "",
                                  by_segment ? " segment" : ""));
        ExpectEqual({period, by_channel, by_segment});
      }
    }
  }
}

TEST_F(ScoreCounts, TimesAreFromStartToBeforeEnd) {
  std::set<absl::Time> times;
  for (const Given& given : all_) times.insert(given.time);
  const absl::Time start = *std::next(times.begin(), 50), end = *std::next(times.begin(), 150);
  const auto expected = std::count_if(
      all_.begin(), all_.end(), [&](const Given& given) { return given.time >= start && given.time < end; });
  EXPECT_EQ(Get({}, start, end).groups[0].response_count, expected);
  EXPECT_EQ(Get({}, start, start).groups.size(), 0u);
}

TEST_F(ScoreCounts, TheResponseRateIsThatOfTheInvitationsMadeInThePeriod) {
  const ScoreGroup all = Get({}).groups[0];
  EXPECT_EQ(all.invitation_count, 400);
  EXPECT_EQ(all.response_rate, 0.75);
}

TEST_F(ScoreCounts, ADayIsThatOfTheProgramsZone) {
  const Invitation late = *Invite(survey_, {"anna", "", "zone", {}, ""}, "zone", kNoon + absl::Hours(11),
                                  absl::FixedTimeZone(7200));
  const Invitation stored = store_.Store(late);
  store_.In([&](Transaction& tx) {
    auto submission =
        Submit(survey_, stored, {ScoreOf("nps", 9)}, kNoon + absl::Hours(11), absl::FixedTimeZone(7200));
    InsertResponse(tx, kShop, survey_, submission->response);
    return true;
  });
  for (const CountRow& row : store_.In([&](Transaction& tx) {
         return CountScores(tx, kShop, survey_.key, absl::InfinitePast(), absl::InfiniteFuture(),
                            {Period::kDay, false, true});
       })) {
    if (row.key.segment != "zone") continue;
    EXPECT_EQ(row.key.period_start, absl::CivilDay(2026, 5, 2));
  }
}

}  // namespace
}  // namespace loyalty::surveys
