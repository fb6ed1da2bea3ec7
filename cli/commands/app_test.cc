#include "cli/commands/app.h"

#include <sstream>

#include "cli/commands/demo_data.h"
#include "cli/commands/session.h"
#include "cli/commands/statement.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

struct Output {
  int code;
  std::string out;
  std::string err;
};

Output Loyalty(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = Run(arguments, out, err, false);
  return {code, out.str(), err.str()};
}

// Nobody listens there.
const std::vector<std::string> kNowhere = {"--address", "127.0.0.1:1"};

std::vector<std::string> With(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(App, HelpIsThereForEveryCommandAndNamesTheCommonOptions) {
  EXPECT_EQ(Loyalty({"--help"}).code, kOk);
  EXPECT_EQ(Loyalty({"program", "--help"}).code, kOk);
  const std::vector<std::vector<std::string>> commands = {{"program", "create"},
                                                          {"program", "get"},
                                                          {"program", "list"},
                                                          {"member", "show"},
                                                          {"statement"},
                                                          {"earn"},
                                                          {"spend"},
                                                          {"adjust"},
                                                          {"import"},
                                                          {"verify"},
                                                          {"health"},
                                                          {"demo"},
                                                          {"story"},
                                                          {"clock", "show"},
                                                          {"clock", "advance"},
                                                          {"watch"}};
  for (const auto& command : commands) {
    const Output help = Loyalty(With(command, {"--help"}));
    EXPECT_EQ(help.code, kOk) << command.back();
    for (const char* option : {"--address", "--timeout", "--json"}) {
      EXPECT_NE(help.out.find(option), std::string::npos) << command.back() << " " << option;
    }
  }
}

TEST(App, WrongUseIsExitCode2AndSaysWhy) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"gift"},
      {"program"},
      {"program", "get"},
      {"program", "create", "x", "--name", "X"},
      {"program", "create", "x", "--name", "X", "--currency", "USD", "--time-zone", "UTC", "--earn-rate",
       "1"},
      {"program", "create", "x", "--name", "X", "--currency", "USD", "--time-zone", "UTC", "--rounding",
       "up"},
      {"statement", "--program", "x", "ada", "--from", "yesterday"},
      {"statement", "--program", "x", "ada", "--kind", "gift"},
      {"earn", "--program", "x", "--member", "ada", "--points", "many"},
      {"adjust", "--program", "x", "--member", "ada", "--points", "-5"},
      {"import", "--program", "x", "/no/such/file.csv"},
      {"clock", "advance", "--program", "x"},
      {"clock", "advance", "--program", "x", "--by", "a-while"},
      {"clock", "advance", "--program", "x", "--by", "3d", "--to", "2025-01-01"},
      {"watch"},
      {"verify", "--program", "x", "--timeout", "0"}};
  for (const auto& arguments : wrong) {
    const Output output = Loyalty(arguments);
    EXPECT_EQ(output.code, kWrongUse) << ::testing::PrintToString(arguments);
    EXPECT_NE(output.err, "") << ::testing::PrintToString(arguments);
  }
}

TEST(App, AServiceThatIsNotThereIsExitCode1AndNamesTheAddress) {
  const Output text = Loyalty(
      With({"adjust", "--program", "x", "--member", "ada", "--points", "-5", "--reason", "r", "--actor", "a"},
           kNowhere));
  EXPECT_EQ(text.code, kFailed);
  EXPECT_NE(text.err.find("loyalty: UNAVAILABLE: "), std::string::npos) << text.err;
  EXPECT_NE(text.err.find("127.0.0.1:1"), std::string::npos) << text.err;

  const Output json = Loyalty(With({"health", "--json"}, kNowhere));
  EXPECT_EQ(json.code, kFailed);
  EXPECT_EQ(nlohmann::json::parse(json.err)["code"], "UNAVAILABLE");
}

TEST(NewRequestId, IsARandomUuid) {
  const std::string id = NewRequestId();
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  EXPECT_NE(id, NewRequestId());
}

TEST(DemoPurchases, AreTheSameOrdersWhateverTheirNumber) {
  const absl::Time end = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(DemoPurchases(100, end), DemoPurchases(100, end));
  std::istringstream few(DemoPurchases(10, end));
  const std::string many = DemoPurchases(100, end);
  for (std::string line; std::getline(few, line);)
    EXPECT_NE(many.find(line + "\n"), std::string::npos) << line;
}

TEST(Statement, ReadsLikeAStatement) {
  points::v1::Program program;
  program.set_currency_code("USD");
  program.set_time_zone("Europe/Rome");
  google::protobuf::RepeatedPtrField<points::v1::Entry> entries;
  auto& spend = *entries.Add();
  spend.set_kind(points::v1::ENTRY_KIND_SPEND);
  spend.set_points(-5);
  spend.set_balance_after(3);
  spend.set_reason("a coffee");
  spend.set_actor("till 2");
  auto& use = *spend.add_lot_uses();
  use.set_lot_sequence(1);
  use.set_points(5);
  auto& buy = *entries.Add();
  buy.set_kind(points::v1::ENTRY_KIND_PURCHASE);
  buy.set_points(8);
  buy.set_balance_after(8);
  buy.set_order_id("o-1");
  buy.set_rule_id("base");
  buy.set_location("Rome");
  buy.set_channel("app");
  buy.mutable_purchase()->set_total_minor(840);
  auto& line = *buy.mutable_purchase()->add_lines();
  line.set_sku("cappuccino");
  line.set_quantity(2);

  std::ostringstream out;
  PrintStatement(entries, program, out);
  EXPECT_EQ(
      out.str(),
      "WHEN (Europe/Rome)  WHAT                                  WHERE       POINTS  BALANCE  CAUSE\n"
      "1970-01-01 01:00    spend: a coffee                                       -5        3  by till 2\n"
      "1970-01-01 01:00    purchase o-1: 2 cappuccino, 8.40 USD  Rome (app)      +8        8  rule base\n");
  EXPECT_EQ(LotsText(spend), "5 from entry 1");
}

TEST(Statement, SaysWhatWasReturnedAndWhichPointsWereNotThere) {
  points::v1::Program program;
  program.set_currency_code("USD");
  points::v1::Entry entry;
  entry.set_kind(points::v1::ENTRY_KIND_RETURN);
  entry.set_order_id("o-1");
  entry.set_returned_minor(1'000);
  EXPECT_EQ(EntryText(entry, program), "return o-1: 10.00 USD returned");
  entry.set_shortfall_points(6);
  EXPECT_EQ(EntryText(entry, program), "return o-1: 10.00 USD returned, 6 points short");
  entry.set_reason("too small");
  entry.set_shortfall_points(1);
  EXPECT_EQ(EntryText(entry, program), "return o-1: too small, 10.00 USD returned, 1 point short");

  points::v1::Entry reversal;
  reversal.set_kind(points::v1::ENTRY_KIND_REVERSAL);
  reversal.set_reason("fraud");
  EXPECT_EQ(EntryText(reversal, program), "reversal: fraud");
  reversal.set_shortfall_points(1'500);
  EXPECT_EQ(EntryText(reversal, program), "reversal: fraud, 1,500 points short");
}

}  // namespace
}  // namespace loyalty::cli
