// The random histories of domain/ledger_property_test.cc on PostgreSQL: the same answers as the simplest
// ledger's, and a ledger that VerifyLedger finds in order, with batches of at most 1, 7 and 1000 commands.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>

#include "services/points/domain/simple_ledger.h"
#include "services/points/domain/test_history.h"
#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

// Commands that are recorded at the same time.
struct Moment {
  absl::Time now;
  std::vector<Command> commands;
};

std::vector<Moment> MomentsOf(const std::vector<Step>& steps) {
  Past past;
  std::vector<Moment> moments = {{kNoon, {}}};
  for (const Step& step : steps) {
    const absl::Time now = moments.back().now;
    moments.back().commands.push_back(ToCommand(step, now, past));
    if (step.clock_hours == 0) continue;
    const bool back = step.clock_hours < 0;
    moments.push_back({now + (back ? absl::Minutes(step.clock_hours) : absl::Hours(step.clock_hours)), {}});
  }
  return moments;
}

std::vector<std::string> Decide(SimpleLedger& simple, const std::vector<Moment>& moments) {
  std::vector<std::string> answers;
  for (const Moment& moment : moments) {
    for (const Command& command : moment.commands)
      answers.push_back(InWords(simple.Decide(command, moment.now)));
  }
  return answers;
}

std::vector<std::string> Apply(TestStore& store, const std::vector<Moment>& moments, size_t limit) {
  std::vector<std::string> answers;
  for (const Moment& moment : moments) {
    store.clock.Advance(moment.now - store.clock.Now());
    for (size_t at = 0; at < moment.commands.size(); at += limit) {
      const auto begin = moment.commands.begin() + static_cast<std::ptrdiff_t>(at);
      const auto size = static_cast<std::ptrdiff_t>(std::min(limit, moment.commands.size() - at));
      for (const auto& answer : store.Apply({begin, begin + size})) answers.push_back(InWords(answer));
    }
  }
  return answers;
}

void Check(const Program& program, const std::vector<SimpleLedger::Offer>& offers,
           const std::vector<Moment>& moments) {
  SimpleLedger simple(program, offers);
  const std::vector<std::string> expected = Decide(simple, moments);
  for (const size_t limit : {1, 7, 1000}) {
    TestStore store(program);
    for (const EarnRule& rule : program.rules) store.AddRule(rule);
    for (const SimpleLedger::Offer& offer : offers) store.Offer(offer.reward, offer.codes);
    const std::vector<std::string> answers = Apply(store, moments, limit);
    for (size_t i = 0; i < answers.size(); ++i) {
      if (answers[i] != expected[i]) {
        RC_FAIL(absl::StrCat("limit ", limit, " command ", i, ":\n  is     ", answers[i], "\n  should ",
                             expected[i]));
      }
    }
    const auto report = VerifyLedger(store.pool, "shop", store.clock.Now());
    RC_ASSERT(report.ok());
    for (const auto& difference : report->differences) RC_FAIL(difference.description);
  }
}

void HistoriesAgree() {
  const Program program = AnyProgram();
  const auto offers = AnyOffers();
  const auto steps = AnyHistory(rc::gen::container<std::vector<Step>>(60, AnyStep()));
  Check(program, offers, MomentsOf(steps));
}

// A history costs a second: three databases. RC_PARAMS="max_success=1000" for more.
TEST(HistoryProperty, PostgresAgreesWithTheSimplestLedgerWhateverTheBatches) {
  constexpr int kHistories = 12, kUsual = 100;
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = "HistoryProperty";
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  if (params.maxSuccess == kUsual) params.maxSuccess = kHistories;
  const rc::detail::TestResult result = rc::detail::checkTestable(HistoriesAgree, metadata, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << text.str();
}

}  // namespace
}  // namespace loyalty::points
