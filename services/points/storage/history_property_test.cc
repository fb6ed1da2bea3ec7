// The random histories of domain/ledger_property_test.cc on PostgreSQL: the same answers as the simplest
// ledger's, and a ledger that VerifyLedger finds in order, with batches of at most 1, 7 and 1000 commands.
// Policies and rules change in between.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>

#include "services/points/domain/simple_ledger.h"
#include "services/points/domain/test_history.h"
#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/test_store.h"
#include "services/points/storage/trace_store.h"

namespace loyalty::points {
namespace {

// Commands that are recorded at the same time.
struct Moment {
  absl::Time now;
  size_t program = 0;  // which of the programs it is by then
  std::vector<Command> commands;
};

std::vector<Moment> MomentsOf(const std::vector<Step>& steps, std::vector<Program>& programs) {
  Past past;
  std::vector<Moment> moments = {{kNoon, 0, {}}};
  for (const Step& step : steps) {
    const absl::Time now = moments.back().now;
    moments.back().commands.push_back(ToCommand(step, now, past));
    if (step.clock_hours == 0) continue;
    const bool back = step.clock_hours < 0;
    const absl::Time next = now + (back ? absl::Minutes(step.clock_hours) : absl::Hours(step.clock_hours));
    size_t program = moments.back().program;
    if (ChangesProgram(step) && program + 1 < programs.size()) {
      Begin(programs[program], next, programs[program + 1]);
      ++program;
    }
    moments.push_back({next, program, {}});
  }
  return moments;
}

std::vector<std::string> Decide(const std::vector<Program>& programs,
                                const std::vector<SimpleLedger::Offer>& offers,
                                const std::vector<Moment>& moments) {
  SimpleLedger simple(programs.front(), offers);
  std::vector<std::string> answers;
  size_t program = 0;
  for (const Moment& moment : moments) {
    if (moment.program != program) simple.Change(programs[program = moment.program], moment.now);
    for (const Command& command : moment.commands)
      answers.push_back(InWords(simple.Decide(command, moment.now)));
  }
  return answers;
}

std::vector<std::string> Apply(TestStore& store, const std::vector<Program>& programs,
                               const std::vector<Moment>& moments, size_t limit) {
  std::vector<std::string> answers;
  size_t program = 0;
  for (const Moment& moment : moments) {
    store.clock.Advance(moment.now - store.clock.Now());
    if (moment.program != program) {
      store.Become(programs[program], programs[moment.program]);
      program = moment.program;
    }
    for (size_t at = 0; at < moment.commands.size(); at += limit) {
      const auto begin = moment.commands.begin() + static_cast<std::ptrdiff_t>(at);
      const auto size = static_cast<std::ptrdiff_t>(std::min(limit, moment.commands.size() - at));
      for (const auto& answer : store.Apply({begin, begin + size})) answers.push_back(InWords(answer));
    }
  }
  return answers;
}

// What became of the points of every entry: with what is left they add up, whatever happened to them.
void TraceAll(TestStore& store) {
  for (const char* member : {"m0", "m1", "m2", "m3"}) {
    const auto entries = store.members.ListEntries("shop", member, {}, INT64_MAX, 10'000);
    if (!entries.ok()) continue;  // nobody
    for (const Entry& entry : *entries) {
      int64_t points = 0;
      for (const NewLot& lot : entry.lots) points += lot.points;
      const auto trace = TraceEntry(store.pool, "shop", member, entry.sequence);
      RC_ASSERT(trace.ok());
      int64_t found = trace->open + trace->pending;
      for (const TraceUse& use : trace->uses) found += use.points;
      if (found != points) {
        RC_FAIL(absl::StrCat(member, " ", Describe(entry), " brought in ", points, ", traced are ", found));
      }
    }
  }
}

void Check(const std::vector<Program>& programs, const std::vector<SimpleLedger::Offer>& offers,
           const std::vector<Moment>& moments) {
  const std::vector<std::string> expected = Decide(programs, offers, moments);
  for (const size_t limit : {1, 7, 1000}) {
    TestStore store(programs.front());
    for (const EarnRule& rule : programs.front().rules) store.AddRule(rule);
    for (const SimpleLedger::Offer& offer : offers) store.Offer(offer.reward, offer.codes);
    const std::vector<std::string> answers = Apply(store, programs, moments, limit);
    for (size_t i = 0; i < answers.size(); ++i) {
      if (answers[i] != expected[i]) {
        RC_FAIL(absl::StrCat("limit ", limit, " command ", i, ":\n  is     ", answers[i], "\n  should ",
                             expected[i]));
      }
    }
    const auto report = VerifyLedger(store.pool, "shop", store.clock.Now());
    RC_ASSERT(report.ok());
    for (const auto& difference : report->differences) RC_FAIL(difference.description);
    if (limit == 7) TraceAll(store);
  }
}

void HistoriesAgree() {
  std::vector<Program> programs = AnyPrograms();
  const auto offers = AnyOffers();
  const auto steps = AnyHistory(rc::gen::container<std::vector<Step>>(60, AnyStep()));
  const std::vector<Moment> moments = MomentsOf(steps, programs);
  Check(programs, offers, moments);
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
