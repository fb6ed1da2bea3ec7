// Random histories, decided by the ledger in batches and by SimpleLedger one by one, must agree in every
// answer.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/points/domain/simple_ledger.h"
#include "services/points/domain/test_kit.h"

namespace loyalty::points {
namespace {

constexpr const char* kKinds[] = {"earn",     "spend",  "adjust +", "adjust -",
                                  "purchase", "import", "return",   "return of no member",
                                  "reverse",  "label"};
constexpr int kKindCount = 10;

// One command of a history, in small numbers, so that ids and contents collide and a failure shrinks.
struct Step {
  int kind = 0;  // see kKinds
  int member = 0;
  int request = 0;
  int order = 0;
  int points = 0;
  int minutes_ago = 0;       // when it happened
  int clock_minutes = 0;     // how far the clock moves before it; may be backwards
  bool own_content = false;  // otherwise the request id says it all, so that repeats are frequent
  bool validate_only = false;
  bool batch_ends = false;
};

std::ostream& operator<<(std::ostream& out, const Step& s) {
  return out << "\n{" << kKinds[s.kind] << " " << s.points << " member " << s.member << " request "
             << s.request << " order " << s.order << " " << s.minutes_ago << " min ago, clock "
             << s.clock_minutes << (s.own_content ? "" : " by request")
             << (s.validate_only ? " validate_only" : "") << (s.batch_ends ? " batch ends" : "") << "}";
}

// The content that belongs to a request id.
Step ByRequest(Step step) {
  step.kind = step.request % kKindCount;
  step.member = step.request % 3;
  step.order = step.request % 7;
  step.points = 1 + step.request % 11;
  step.minutes_ago = step.request % 4;
  return step;
}

// Times count from noon, not from the moving clock, so that a repeat is a repeat.
Command ToCommand(const Step& given) {
  const Step step = given.own_content ? given : ByRequest(given);
  const std::string request = absl::StrCat("r", step.request), member = absl::StrCat("m", step.member);
  const absl::Time then = kNoon - absl::Minutes(step.minutes_ago);
  Command command;
  switch (step.kind) {
    case 0:
      command = step.minutes_ago == 0 ? EarnCommand(request, member, step.points)
                                      : EarnedAt(then, request, member, step.points);
      break;
    case 1:
      command = SpendCommand(request, member, step.points);
      break;
    case 2:
      command = AdjustCommand(request, member, step.points);
      break;
    case 3:
      command = AdjustCommand(request, member, -step.points);
      break;
    case 6:
    case 7:
      command =
          ReturnCommand(request, step.kind == 6 ? member : "", absl::StrCat("o", step.order),
                        absl::StrCat("b", step.request / 2), step.points > 9 ? 0 : int64_t{step.points} * 55);
      break;
    case 8:
      command = ReverseCommand(request, member, absl::StrCat("r", step.order * 3),
                               step.points > 9 ? 0 : step.points);
      break;
    case 9:
      command = LabelCommand(request, member, step.points % 2 == 0 ? "gold" : "plus", then,
                             then + absl::Minutes(step.points % 5));
      break;
    default:
      command = PurchaseCommand(step.kind == 4 ? request : "", member, absl::StrCat("o", step.order),
                                int64_t{step.points} * 55);
      PurchaseOf(command).purchase_time = then;
  }
  command.validate_only = given.validate_only;
  return command;
}

rc::Gen<Step> AnyStep() {
  const auto one_in = [](int n) {
    return rc::gen::map(rc::gen::inRange(0, n), [n](int x) { return x == n - 1; });
  };
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, rc::gen::inRange(0, kKindCount)),
                              rc::gen::set(&Step::member, rc::gen::inRange(0, 3)),
                              rc::gen::set(&Step::request, rc::gen::inRange(0, 40)),
                              rc::gen::set(&Step::order, rc::gen::inRange(0, 12)),
                              rc::gen::set(&Step::points, rc::gen::inRange(1, 12)),
                              rc::gen::set(&Step::minutes_ago, rc::gen::inRange(0, 6)),
                              rc::gen::set(&Step::clock_minutes, rc::gen::inRange(-2, 4)),
                              rc::gen::set(&Step::own_content, rc::gen::arbitrary<bool>()),
                              rc::gen::set(&Step::validate_only, one_in(8)),
                              rc::gen::set(&Step::batch_ends, one_in(5)));
}

std::string Describe(const SimpleLedger::Answer& answer) {
  if (!answer.reason.empty()) return "refused: " + answer.reason;
  return (answer.replayed ? "replayed " : "posted ") + Describe(answer.entry);
}

void Agree(MemoryStore& store, SimpleLedger& simple, const std::vector<Command>& batch, absl::Time now) {
  const auto answers = store.Apply(batch, now);
  RC_ASSERT(answers.size() == batch.size());
  for (size_t i = 0; i < batch.size(); ++i)
    RC_ASSERT(Describe(answers[i]) == Describe(simple.Decide(batch[i], now)));
  for (const auto& [id, member] : simple.members()) {
    RC_ASSERT(store.HasMember(id));
    RC_ASSERT(store.Balance(id) == member.Balance());
  }
  for (const char* id : {"m0", "m1", "m2"})
    RC_ASSERT(store.HasMember(id) == (simple.members().count(id) == 1));
}

void HistoriesAgree() {
  Program program = DollarProgram();
  program.base_earn_rate = {*rc::gen::inRange<int64_t>(0, 4), *rc::gen::inRange<int64_t>(1, 3)};
  program.rules = {MultiplierRule("all", "", {3, 2}), MultiplierRule("g", "gold", {2, 1}),
                   MultiplierRule("p", "plus", {7, 3})};
  program.rules.resize(*rc::gen::inRange<size_t>(0, 4));
  if (*rc::gen::inRange(0, 20) == 19) program.enrollment_mode = EnrollmentMode::kExplicit;
  const auto steps = *rc::gen::container<std::vector<Step>>(AnyStep());
  MemoryStore store(program);
  SimpleLedger simple(program);

  absl::Time now = kNoon;
  std::vector<Command> batch;
  for (const Step& step : steps) {
    batch.push_back(ToCommand(step));
    if (!step.batch_ends) continue;
    now += absl::Minutes(step.clock_minutes);
    Agree(store, simple, batch, now);
    batch.clear();
  }
  Agree(store, simple, batch, now);
}

TEST(LedgerProperty, AgreesWithTheSimplestLedgerInEveryAnswerAndBalance) {
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = "LedgerProperty/AgreesWithTheSimplestLedger";
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, 3000);
  const rc::detail::TestResult result = rc::detail::checkTestable(HistoriesAgree, metadata, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << text.str();
}

}  // namespace
}  // namespace loyalty::points
