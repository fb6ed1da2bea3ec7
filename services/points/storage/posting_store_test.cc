#include "services/points/storage/posting_store.h"

#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "services/points/domain/simple_ledger.h"
#include "services/points/storage/ledger_verifier.h"
#include "services/points/storage/test_store.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

// The whole ledger as text, a row a line. Accounts are named by their members: their numbers are nobody's
// business. How the entries of several members follow each other in the program is left to the batches.
std::vector<std::string> Dump(const TestStore& store) {
  std::string dump;
  for (const char* table : {"entry", "lot", "lot_use", "pending_lot", "hold", "account", "member"}) {
    absl::StrAppend(&dump, table, "\n",
                    store.Rows(absl::StrCat(
                        "SELECT owner.member_id, to_jsonb(x) - '{account_id, position}'::text[] AS row "
                        "FROM points.",
                        table,
                        " x LEFT JOIN points.member owner USING (program_key, account_id)"
                        " WHERE program_key > 0")),
                    "\n");
  }
  absl::StrAppend(&dump, store.Rows("SELECT * FROM points.event_head WHERE program_key > 0"));
  return absl::StrSplit(dump, '\n');
}

// Only the first difference is worth reading.
void ExpectSame(const std::vector<std::string>& state, const std::vector<std::string>& expected) {
  const auto [is, was] = std::mismatch(state.begin(), state.end(), expected.begin(), expected.end());
  if (is == state.end() && was == expected.end()) return;
  ADD_FAILURE() << "The state differs in\n  " << (is == state.end() ? "nothing more" : *is) << "\nand not\n  "
                << (was == expected.end() ? "nothing more" : *was);
}

// Applies the commands in batches of at most `limit`; the clock moves on after each hundred commands.
PostingStore::Answers ApplyInBatches(TestStore& store, const std::vector<Command>& commands, size_t limit) {
  PostingStore::Answers answers;
  for (size_t hundred = 0; hundred < commands.size(); hundred += 100) {
    const size_t end = std::min(hundred + 100, commands.size());
    for (size_t begin = hundred; begin < end; begin += limit) {
      const auto last = commands.begin() + static_cast<ptrdiff_t>(std::min(begin + limit, end));
      for (auto& answer : store.Apply({commands.begin() + static_cast<ptrdiff_t>(begin), last})) {
        answers.push_back(std::move(answer));
      }
    }
    store.clock.Advance(absl::Seconds(7));
  }
  return answers;
}

std::vector<std::string> AnswersOfSimpleLedger(SimpleLedger& simple, const std::vector<Command>& commands) {
  std::vector<std::string> answers;
  for (size_t i = 0; i < commands.size(); ++i) {
    const auto answer = simple.Decide(commands[i], kNoon + absl::Seconds(7 * static_cast<int64_t>(i / 100)));
    answers.push_back(!answer.reason.empty()
                          ? "refused: " + answer.reason
                          : (answer.replayed ? "replayed " : "posted ") + Describe(answer.entry));
  }
  return answers;
}

class BatchLimits : public ::testing::TestWithParam<uint64_t> {};  // a seed

TEST_P(BatchLimits, LeaveTheSameStateWhateverTheyAre) {
  const std::vector<Command> commands = RandomCommands(GetParam(), 500, 12);
  Program program = DollarProgram();
  program.rules = {MultiplierRule("gold", "gold", {2, 1}), MultiplierRule("plus", "plus", {3, 2})};
  SimpleLedger simple(program);
  const std::vector<std::string> expected = AnswersOfSimpleLedger(simple, commands);
  std::vector<std::string> first_state;
  for (const size_t limit : {1, 7, 1000}) {
    SCOPED_TRACE(absl::StrCat("batches of ", limit));
    TestStore store;
    for (const EarnRule& rule : program.rules) store.AddRule(rule);
    const auto answers = ApplyInBatches(store, commands, limit);
    for (size_t i = 0; i < commands.size(); ++i)
      ASSERT_EQ(Describe(answers[i]), expected[i]) << "command " << i;
    for (const auto& [id, member] : simple.accounts()) {
      const auto stored = store.members.Get("shop", id);
      ASSERT_TRUE(stored.ok()) << stored.status();
      EXPECT_EQ(stored->balance, member.Balance()) << id;
      EXPECT_EQ(stored->last_sequence, static_cast<int64_t>(member.entries.size())) << id;
    }
    const auto report = VerifyLedger(store.pool, "shop", store.clock.Now());
    ASSERT_TRUE(report.ok()) << report.status();
    for (const auto& difference : report->differences) ADD_FAILURE() << difference.description;
    EXPECT_EQ(report->members, static_cast<int64_t>(simple.accounts().size()));

    EXPECT_EQ(
        store.Rows(
            "SELECT * FROM (SELECT position - lag(position) OVER (PARTITION BY program_key, account_id ORDER "
            "BY sequence) AS step FROM points.entry) steps WHERE step <= 0"),
        "")
        << "a member's entries follow each other in the program as they do in the ledger";
    EXPECT_EQ(store.Rows("SELECT count(DISTINCT kind) FROM points.entry WHERE program_key > 0"), "(7)");
    if (first_state.empty()) first_state = Dump(store);
    ExpectSame(Dump(store), first_state);
  }
}

INSTANTIATE_TEST_SUITE_P(, BatchLimits, ::testing::Values(1, 20261122));

TEST(PostingStore, TheWholeStreamAgainChangesNothing) {
  TestStore store;
  std::vector<Command> accepted;
  const std::vector<Command> commands = RandomCommands(3, 600, 10);
  const auto answers = ApplyInBatches(store, commands, 1000);
  std::vector<std::string> originals;
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!answers[i].ok() || commands[i].validate_only) continue;
    accepted.push_back(commands[i]);
    originals.push_back(Describe(answers[i]->entry));
  }
  const auto state = Dump(store);
  store.clock.Advance(absl::Hours(5));
  const auto replays = store.Apply(accepted);
  for (size_t i = 0; i < replays.size(); ++i) {
    ASSERT_TRUE(replays[i].ok()) << replays[i].status();
    EXPECT_TRUE(replays[i]->replayed);
    EXPECT_EQ(Describe(replays[i]->entry), originals[i]);
  }
  ExpectSame(Dump(store), state);
}

TEST(PostingStore, AnIdThatAnotherMemberUsedInAnEarlierBatchIsRefused) {
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", 5), PurchaseCommand("r2", "anna", "o1", 100)});
  const auto state = Dump(store);
  const auto answers = store.Apply({EarnCommand("r1", "bert", 5), PurchaseCommand("r3", "bert", "o1", 100),
                                    PurchaseCommand("r1", "bert", "o2", 100), SpendCommand("r2", "carl", 1),
                                    PurchaseCommand("", "carl", "o1", 100)});
  const char* reasons[] = {"REQUEST_ID_REUSED", "ORDER_ID_REUSED", "REQUEST_ID_REUSED", "REQUEST_ID_REUSED",
                           "ORDER_ID_REUSED"};
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_THAT(answers[i], IsRefused(absl::StatusCode::kAlreadyExists, reasons[i])) << i;
  }
  ExpectSame(Dump(store), state);
}

TEST(PostingStore, IdsAndMembersOfTwoProgramsNeverMeet) {
  TestStore store;
  Program other = DollarProgram();
  other.id = "cafe";
  store.Create(other);
  const std::vector<Command> commands = {EarnCommand("r1", "anna", 5),
                                         PurchaseCommand("r2", "anna", "o1", 100)};
  store.Seed(commands);
  const auto answers = store.postings.Apply("cafe", commands);
  ASSERT_TRUE(answers.ok()) << answers.status();
  for (const auto& answer : *answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_FALSE(answer->replayed);
  }
  EXPECT_EQ(store.members.Get("cafe", "anna")->balance, 6);
  const auto nowhere = store.postings.Apply("nowhere", commands);
  ASSERT_TRUE(nowhere.ok()) << nowhere.status();
  for (const auto& answer : *nowhere) {
    EXPECT_THAT(answer, IsRefused(absl::StatusCode::kNotFound, "PROGRAM_NOT_FOUND"));
  }
}

constexpr const char* kTroublesome[] = {
    "{", "}",     "\"",   "\\",     "NULL", "null", "a,b",           "{a,b}", "''",
    "🎁", "'; --", "%s$1", " edge ", "\\N",  "\\\"", "{\"a\":\"b\"}", "[1]",   "é\u0301"};

TEST(PostingStore, TextThatNeedsCareSurvivesInEveryField) {
  TestStore store;
  std::vector<Command> commands;
  for (const std::string text : kTroublesome) {
    Command purchase = PurchaseCommand("p" + text, text, text, 300);
    purchase.actor = purchase.reason = text;
    PurchaseOf(purchase).lines = {{text, text, 1, 100}, {text + text, "", 1, 200}};
    PurchaseOf(purchase).labels = {text, text + ",", ""};
    PurchaseOf(purchase).channel = PurchaseOf(purchase).location = text;
    Command spend = SpendCommand(text, text, 1);
    spend.action = Spend{1, text};
    spend.reason = spend.actor = spend.channel = spend.location = text;
    commands.push_back(purchase);
    commands.push_back(spend);
  }
  const auto answers = store.Apply(commands);
  const auto replays = store.Apply(commands);
  for (size_t i = 0; i < commands.size(); ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_EQ(Describe(replays[i]), "replayed " + Describe(answers[i]->entry));
    EXPECT_EQ(answers[i]->entry.actor, commands[i].actor);
    const auto entries = store.members.ListEntries("shop", commands[i].member_id, {}, 9, 9);
    ASSERT_TRUE(entries.ok()) << entries.status();
    ASSERT_EQ(entries->size(), 2u);
    EXPECT_EQ(Describe(entries->at(1 - i % 2)), Describe(answers[i]->entry));
    if (i % 2 == 1) continue;
    const Purchase& sent = PurchaseOf(commands[i]);
    ASSERT_TRUE(entries->at(1).purchase);
    const Purchase& kept = *entries->at(1).purchase;
    EXPECT_EQ(kept.labels, sent.labels);
    ASSERT_EQ(kept.lines.size(), 2u);
    for (const size_t line : {0, 1}) {
      EXPECT_EQ(kept.lines[line].sku, sent.lines[line].sku);
      EXPECT_EQ(kept.lines[line].category, sent.lines[line].category);
      EXPECT_EQ(kept.lines[line].amount_minor, sent.lines[line].amount_minor);
    }
  }
}

TEST(PostingStore, TimesOfAllTheCalendarSurvive) {
  TestStore store;
  const absl::Time times[] = {absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone()),
                              absl::FromUnixMicros(-1), absl::FromUnixMicros(0), absl::FromUnixMicros(1),
                              kNoon + absl::Microseconds(123'457)};
  std::vector<Command> commands;
  for (const absl::Time time : times) commands.push_back(EarnedAt(time, absl::FormatTime(time), "anna", 1));
  store.Seed(commands);
  const auto replays = store.Apply(commands);
  for (size_t i = 0; i < commands.size(); ++i) EXPECT_EQ(replays[i]->entry.occurred_time, times[i]);
}

TEST(PostingStore, ExplicitEnrollmentRefusesAStrangerAndKeepsNoTrace) {
  Program program = DollarProgram();
  program.enrollment_mode = EnrollmentMode::kExplicit;
  TestStore store(program);
  store.EnrollMember("anna");
  const auto answers = store.Apply({EarnCommand("r1", "bert", 5), EarnCommand("r2", "anna", 5),
                                    PurchaseCommand("", "carl", "o1", 100), SpendCommand("r3", "anna", 1)});
  EXPECT_THAT(answers[0], IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_THAT(answers[2], IsRefused(absl::StatusCode::kNotFound, "MEMBER_NOT_FOUND"));
  EXPECT_TRUE(answers[3].ok()) << answers[3].status();
  EXPECT_EQ(store.Rows("SELECT member_id FROM points.member WHERE program_key > 0"), "(anna)");
  EXPECT_EQ(store.Rows("SELECT count(*) FROM points.account WHERE program_key > 0"), "(1)");
}

TEST(PostingStore, ACommandThatIsRefusedEnrollsNobody) {
  TestStore store;
  Command euro = PurchaseCommand("r1", "anna", "o1", 100);
  PurchaseOf(euro).currency_code = "EUR";
  store.Apply({EarnCommand("r0", "zoe", 1), euro, ValidateOnly(EarnCommand("r2", "bert", 1)),
               SpendCommand("r3", "carl", 1), AdjustCommand("r4", "dora", 1), EarnCommand("r0", "emil", 1)});
  EXPECT_EQ(store.Rows("SELECT member_id FROM points.member WHERE program_key > 0"), "(zoe)");
  EXPECT_EQ(store.Rows("SELECT count(*) FROM points.account WHERE program_key > 0"), "(1)");
  EXPECT_EQ(store.Rows("SELECT count(*) FROM points.entry WHERE program_key > 0"), "(1)");
}

constexpr uint64_t kMostStatements = 31;  // as posting_store.h promises

// Commands of the kinds that take nothing back, each accepted.
std::vector<Command> AllKinds(int count, const std::string& tag) {
  std::vector<Command> commands;
  for (int i = 0; i < count; ++i) {
    const std::string id = absl::StrCat(tag, i), member = absl::StrCat(tag, "member", i / 5 % 20);
    switch (i % 5) {
      case 0:
        commands.push_back(EarnCommand(id, member, 10));
        break;
      case 1:
        commands.push_back(SpendCommand(id, member, 5));
        break;
      case 2:
        commands.push_back(AdjustCommand(id, member, -5));
        break;
      case 3:
        commands.push_back(PurchaseCommand(id, member, id, 500));
        break;
      default:
        commands.push_back(SpendCommand(id, member, 1));
        break;
    }
  }
  return commands;
}

TEST(PostingStore, TheNumberOfStatementsDoesNotDependOnTheNumberOfCommands) {
  TestStore store;
  const auto statements = [&](const std::vector<Command>& commands) {
    const uint64_t before = store.Statements();
    store.Seed(commands);
    return store.Statements() - before;
  };
  EXPECT_LE(statements({PurchaseCommand("a", "anna", "a", 500)}), kMostStatements);
  EXPECT_EQ(statements({EarnCommand("b", "bert", 5)}),
            statements({EarnCommand("c", "carl", 5), EarnCommand("d", "dora", 5)}));
  const uint64_t ten = statements(AllKinds(10, "ten"));
  EXPECT_LE(ten, kMostStatements);
  EXPECT_EQ(statements(AllKinds(500, "many")), ten);
  EXPECT_EQ(statements(AllKinds(500, "more")), ten);
}

TEST(PostingStore, OnlyBatchesThatTakeBackLookForWhatTheyTakeBackFrom) {
  TestStore store;
  const auto statements = [&](const std::vector<Command>& commands) {
    const uint64_t before = store.Statements();
    store.Seed(commands);
    return store.Statements() - before;
  };
  std::vector<Command> orders, returns, with_members;
  for (int i = 0; i < 300; ++i) {
    const std::string id = absl::StrCat(i), member = absl::StrCat("m", i % 20);
    orders.push_back(PurchaseCommand("p" + id, member, "o" + id, 1000));
    orders.push_back(EarnCommand("e" + id, member, 10));
    returns.push_back(ReturnCommand("r" + id, "", "o" + id, "b" + id, 500));
    with_members.push_back(ReturnCommand("s" + id, member, "o" + id, "c" + id, 100));
    with_members.push_back(ReverseCommand("t" + id, member, "e" + id, 4));
  }
  store.Seed(orders);
  EXPECT_EQ(statements({EarnCommand("again", "m1", 1)}), 1) << "all is remembered";
  // Program, accounts, originals, pending points, holds, named lots, lots; lots written, their uses, entries.
  // Owners, where no member is named.
  const uint64_t few = statements({with_members[0], with_members[1]});
  EXPECT_EQ(few, 10);
  EXPECT_EQ(statements({with_members.begin() + 2, with_members.end()}), few);
  EXPECT_EQ(statements({returns.front()}), few + 1);
  EXPECT_EQ(statements({returns.begin() + 1, returns.end()}), few + 1);
  EXPECT_LE(few + 1, kMostStatements);
  EXPECT_EQ(statements({EarnCommand("and again", "m1", 1)}), 1) << "what returns left is remembered, too";
}

// One command of each kind, twice: for members, orders and rewards of their own.
std::vector<Command> OneOfEach(const std::string& tag) {
  const auto of = [&](const char* id, const char* member, auto action) {
    return CommandFor(tag + id, tag + member, std::move(action));
  };
  return {PurchaseCommand(tag + "new", tag + "carl", tag + "o2", 700),
          LabelCommand(tag + "label", tag + "anna", "plus", kNoon),
          of("reserve", "anna", ReservePoints{5, absl::Hours(1), ""}),
          of("capture", "anna", CapturePoints{tag + "h", 2}),
          of("send", "anna", TransferPoints{tag + "bert", 5}),
          of("tier", "anna", SetTier{}),
          of("redeem", "anna", RedeemReward{"mug"}),
          of("code", "anna", RedeemReward{"card", "", 0, tag + "123456789abcdef0123456789abcdef"}),
          of("done", "anna", FulfillRedemption{tag + "f"}),
          of("back", "anna", CancelRedemption{tag + "c"}),
          of("consent", "anna", SetConsent{"email", "news", true}),
          ReverseCommand(tag + "reverse", tag + "anna", tag + "e", 1),
          ReturnCommand(tag + "return", "", tag + "o1", tag + "b", 100),
          SpendCommand(tag + "spend", tag + "anna", 3),
          of("leave", "dora", CloseMember{}),
          of("merge", "bert", MergeMembers{tag + "emil"})};
}

TEST(PostingStore, ABatchOfEverythingHasNoMoreStatementsThanPromised) {
  Program program = DollarProgram();
  program.policies.transfers.allowed = true;
  program.policies.tiers.tiers = {{.id = "gold", .display_name = "Gold", .threshold = 500}};
  program.policies.expiry_changes = {{kNoon - absl::Hours(1), {}}};
  TestStore store(program);
  EarnRule rule = MultiplierRule("double", "", {2, 1});
  rule.limits.budget = 1'000'000;
  rule.maturity = {MaturityKind::kDays, 3};
  store.AddRule(rule);
  for (const auto& [id, kind] : std::map<std::string, decltype(Reward::kind)>{
           {"mug", ServiceReward{}}, {"card", Voucher{true, "", 8}}}) {
    Reward reward;
    reward.id = reward.display_name = id;
    reward.kind = kind;
    reward.price_points = 1;
    reward.create_time = reward.update_time = kNoon;
    store.Offer(reward);
  }
  std::vector<Command> all;
  for (const std::string tag : {"a", "b"}) {
    store.Seed({PurchaseCommand(tag + "p", tag + "anna", tag + "o1", 10'000),
                EarnCommand(tag + "e", tag + "anna", 9), EarnCommand(tag + "eb", tag + "bert", 9),
                EarnCommand(tag + "ed", tag + "dora", 9), EarnCommand(tag + "ee", tag + "emil", 9),
                CommandFor(tag + "h", tag + "anna", ReservePoints{5, absl::Hours(1), ""}),
                CommandFor(tag + "f", tag + "anna", RedeemReward{"mug"}),
                CommandFor(tag + "c", tag + "anna", RedeemReward{"mug"})});
  }
  const auto statements = [&](const std::vector<Command>& commands) {
    const uint64_t before = store.Statements();
    store.Seed(commands);
    return store.Statements() - before;
  };
  // A merger ends its batch: this is one.
  const uint64_t some = statements(OneOfEach("a"));
  EXPECT_LE(some, kMostStatements);
  EXPECT_GE(some, 20U) << "it has most of them";
  EXPECT_LE(statements(OneOfEach("b")), kMostStatements);
}

TEST(PostingStore, WhomABatchEnrollsIsTold) {
  TestStore store;
  store.Apply({EarnCommand("r1", "bert", 1), SpendCommand("r2", "carl", 1),
               PurchaseCommand("r3", "anna", "o1", 1), ValidateOnly(EarnCommand("r4", "dora", 1)),
               LabelCommand("r5", "emil", "plus", kNoon), EarnCommand("r6", "bert", 1)});
  EXPECT_THAT(store.enrolled, ElementsAre("bert", "anna", "emil"));
  store.Seed({EarnCommand("r7", "anna", 1)});
  EXPECT_EQ(store.enrolled.size(), 3u);
}

TEST(PostingStore, AProgramWithATestClockLivesInItsTime) {
  Program program = DollarProgram();
  program.id = "lab";
  TestStore store;
  const int32_t key = store.Create(program);
  const auto set_clock = [&](const std::string& time) {
    store.database.Exec(absl::StrCat("INSERT INTO platform.test_clock VALUES (", key, ", '", time, "', '",
                                     time,
                                     "') ON CONFLICT (program_key) DO UPDATE SET clock_time = "
                                     "excluded.clock_time, target_time = excluded.target_time"));
  };
  const auto recorded = [&](const std::string& request) {
    const auto answers = store.postings.Apply("lab", std::vector<Command>{EarnCommand(request, "anna", 1)});
    return answers.ok() && answers->front().ok()
               ? absl::FormatTime("%F", answers->front()->entry.recorded_time, absl::UTCTimeZone())
               : "refused";
  };
  set_clock("1997-01-01 00:00:00+00");
  EXPECT_EQ(recorded("r1"), "1997-01-01");
  set_clock("1999-12-31 00:00:00+00");
  EXPECT_EQ(recorded("r2"), "1999-12-31") << "nothing of such a program is remembered";
  const auto late = store.postings.Apply("lab", std::vector<Command>{EarnedAt(kNoon, "r3", "anna", 1)});
  EXPECT_THAT(late->front(), IsRefused(absl::StatusCode::kInvalidArgument, "TIME_IN_FUTURE"));
}

TEST(PostingStore, ASpendingThatNeedsThreeLotsOfTwoThousandTakesTheOldestThree) {
  TestStore store;
  std::vector<Command> commands;
  commands.reserve(2000);
  for (int i = 0; i < 2000; ++i) {  // the later in the ledger, the older
    commands.push_back(EarnedAt(kNoon - absl::Minutes(i), absl::StrCat("r", i), "anna", 10));
  }
  store.Seed(commands);
  const auto spent = store.Apply(SpendCommand("spend", "anna", 25));
  ASSERT_TRUE(spent.ok()) << spent.status();
  const auto age = [](int minutes) { return kNoon - absl::Minutes(minutes); };
  EXPECT_THAT(spent->entry.lot_uses, ElementsAre(LotUse{2000, 10, age(1999)}, LotUse{1999, 10, age(1998)},
                                                 LotUse{1998, 5, age(1997)}));
  EXPECT_EQ(spent->entry.balance_after, 19'975);
  EXPECT_EQ(
      store.Rows("SELECT count(*), min(remaining), sum(remaining) FROM points.lot WHERE program_key > 0"),
      "(1998,5,19975)");
  const auto all = store.Apply({EarnCommand("more", "anna", 25), SpendCommand("all", "anna", 20'000)});
  ASSERT_TRUE(all[1].ok()) << all[1].status();
  EXPECT_EQ(all[1]->entry.lot_uses.size(), 1999u);
  EXPECT_EQ(store.Rows("SELECT count(*) FROM points.lot WHERE program_key > 0"), "(0)");
}

TEST(PostingStore, TheLargestNumbersAreKept) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  TestStore store;
  store.Seed({EarnCommand("r1", "anna", kMax)});
  const auto answers = store.Apply({EarnCommand("r2", "anna", 1), SpendCommand("r3", "anna", kMax)});
  EXPECT_THAT(answers[0], IsRefused(absl::StatusCode::kOutOfRange, "POINTS_OVERFLOW"));
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_THAT(answers[1]->entry.lot_uses, ElementsAre(LotUse{1, kMax, kNoon}));
  const auto two = store.Apply({EarnCommand("r4", "anna", kMax), SpendCommand("r5", "anna", kMax),
                                EarnCommand("r6", "anna", kMax), SpendCommand("r7", "anna", kMax)});
  for (const auto& answer : two) EXPECT_TRUE(answer.ok()) << answer.status();
  store.Seed({EarnCommand("r8", "anna", kMax)});
  const auto twice = store.Apply({SpendCommand("r9", "anna", kMax), EarnCommand("r10", "anna", kMax),
                                  SpendCommand("r11", "anna", kMax)});
  for (const auto& answer : twice)
    EXPECT_TRUE(answer.ok()) << "what may be taken adds up to more than an int64: " << answer.status();
}

TEST(PostingStore, AnEmptyBatchIsNoWork) {
  TestStore store;
  EXPECT_TRUE(store.Apply(std::vector<Command>{}).empty());
}

}  // namespace
}  // namespace loyalty::points
