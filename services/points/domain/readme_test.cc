// Executes the worked examples of services/points/README.md: each row of the table below "Semantics" is a
// program's settings and a story, in words that this file reads.
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "services/points/domain/expiry_changes.h"
#include "services/points/domain/memory_store.h"

namespace loyalty::points {
namespace {

using Words = std::vector<std::string>;

struct Example {
  std::string rule, settings, story;
};

// The text between the row's backticks, cell by cell; of the first cell the text itself.
std::vector<Example> ReadExamples() {
  std::string folder = __FILE__;
  folder.resize(folder.rfind("/domain/"));
  std::ifstream file(folder + "/README.md");
  std::vector<Example> examples;
  bool within = false;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "## ")) within = line == "## Semantics";
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (!within || cells.size() != 5 || !absl::StrContains(cells[3], "`")) continue;
    const auto bare = [](const std::string& cell) {
      return std::string(absl::StripAsciiWhitespace(absl::StrReplaceAll(cell, {{"`", ""}})));
    };
    examples.push_back({bare(cells[1]), bare(cells[2]), bare(cells[3])});
  }
  return examples;
}

Words WordsOf(absl::string_view text) { return absl::StrSplit(text, ' ', absl::SkipEmpty()); }

int64_t Number(const std::string& word) {
  int64_t number = 0;
  EXPECT_TRUE(absl::SimpleAtoi(word, &number)) << "not a number: " << word;
  return number;
}

// "25.00" is 2500.
int64_t Minor(const std::string& word) { return Number(absl::StrReplaceAll(word, {{".", ""}})); }

bool IsTime(const std::string& word) { return word.size() >= 10 && word[4] == '-' && word[7] == '-'; }

absl::Time TimeOf(const std::string& word) {
  absl::Time time;
  std::string error;
  const std::string full = word.size() == 10 ? word + "T00:00:00Z" : word + ":00Z";
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, full, &time, &error)) << word << ": " << error;
  return time;
}

// Settings are phrases, separated by semicolons: "expiry rolling 1 month", "tier silver from 500.00 grace
// 31", …
class Settings {
 public:
  explicit Settings(const std::string& text) {
    program_ = DollarProgram();
    program_.time_zone = "UTC";
    absl::LoadTimeZone("UTC", &program_.zone);
    for (const absl::string_view phrase : absl::StrSplit(text, ';', absl::SkipWhitespace())) {
      Apply(WordsOf(phrase));
    }
  }
  static void Expiry(const Words& w, ExpiryPolicy& expiry) {
    const auto number = static_cast<int32_t>(Number(w[2]));
    if (w[1] == "rolling") {
      expiry.kind = ExpiryKind::kRolling;
      (absl::StartsWith(w[3], "month") ? expiry.months : expiry.days) = number;
      if (w.size() > 4) expiry.round_up = RoundUp::kMonthEnd;  // "to month's end"
    } else if (w[1] == "day") {
      expiry = {.kind = ExpiryKind::kFixedDay, .month = number, .day = static_cast<int32_t>(Number(w[3]))};
    } else {
      expiry = {.kind = ExpiryKind::kInactivity, .months = number};
    }
  }

  MemoryStore Store() const {
    MemoryStore store(program_);
    for (const auto& [reward, codes] : rewards_) store.AddReward(reward, codes);
    return store;
  }

 private:
  void Apply(const Words& w) {
    Policies& policies = program_.policies;
    if (w[0] == "expiry") return Expiry(w, policies.expiry);
    if (w[0] == "returns") {
      policies.returns = w[1] == "pending" ? ReturnPolicy::kPendingOnly
                         : w[1] == "debt"  ? ReturnPolicy::kAllowNegative
                                           : ReturnPolicy::kWithinBalance;
    } else if (w[0] == "tier") {  // tier silver from 500.00 [grace 31]
      policies.tiers.tiers.push_back({.id = w[1], .display_name = w[1], .threshold = Minor(w[3])});
      if (w.size() > 5) policies.tiers.grace_days = static_cast<int32_t>(Number(w[5]));
    } else if (w[0] == "transfers") {  // transfers fee 10% most 100 a-day
      policies.transfers.allowed = true;
      for (size_t i = 1; i + 1 < w.size(); i += 2) {
        if (w[i] == "fee") policies.transfers.fee_percent = static_cast<int32_t>(Number(w[i + 1]));
        if (w[i] == "daily") policies.transfers.most_points_day = Number(w[i + 1]);
      }
    } else if (w[0] == "payment") {  // payment 100 points for 1.00 share 50 from 10.00
      policies.spending = {Number(w[1]), Minor(w[4]), Minor(w[8]), static_cast<int32_t>(Number(w[6]))};
    } else if (w[0] == "grace") {
      policies.spending.grace_days = static_cast<int32_t>(Number(w[1]));
    } else if (w[0] == "rule") {
      program_.rules.push_back(Rule(w));
    } else if (w[0] == "reward") {
      AddReward(w);
    } else if (w[0] == "leavers") {  // leavers keep
      policies.closure = w[1] == "keep" ? ClosurePolicy::kKeep : ClosurePolicy::kForfeit;
    } else if (w[0] == "birthday") {  // birthday 20
      policies.celebrations.birthday_points = Number(w[1]);
    } else {
      ADD_FAILURE() << "unknown setting: " << w[0];
    }
  }

  // rule gift gives 5 [group g] [pending 14|until-confirmed] [budget 7] [daily 5] [partial] [from 30.00]
  // [first]
  static EarnRule Rule(const Words& w) {
    EarnRule rule = MultiplierRule(w[1], "", {2, 1});
    if (w[2] == "gives") rule.effect = FixedPoints{Number(w[3])};
    if (w[2] == "times") rule.effect = Multiplier{Number(w[3]), 1};
    if (w[2] == "donates") rule.effect = Donation{.charity_id = w[5], .points = Number(w[3])};
    for (size_t i = 4; i < w.size(); ++i) {
      if (w[i] == "group") rule.group = w[i + 1];
      if (w[i] == "budget") rule.limits.budget = Number(w[i + 1]);
      if (w[i] == "daily") rule.limits.per_member_day = Number(w[i + 1]);
      if (w[i] == "partial") rule.limits.partial = true;
      if (w[i] == "from") rule.conditions.minimum_order_minor = Minor(w[i + 1]);
      if (w[i] == "for") rule.conditions.activity_type = w[i + 1];
      if (w[i] == "pending") {
        rule.maturity = w[i + 1] == "until-confirmed"
                            ? Maturity{MaturityKind::kConfirmation}
                            : Maturity{MaturityKind::kDays, static_cast<int32_t>(Number(w[i + 1]))};
      }
    }
    return rule;
  }

  // reward mug costs 100 [gold 80] [stock 5] [daily 1] [from 20.00] [codes A,B] [to unicef]
  void AddReward(const Words& w) {
    Reward reward;
    reward.id = reward.display_name = w[1];
    reward.kind = ServiceReward{};
    reward.price_points = Number(w[3]);
    Words codes;
    for (size_t i = 4; i + 1 < w.size(); i += 2) {
      if (w[i] == "stock") {
        reward.stock = Number(w[i + 1]);
      } else if (w[i] == "daily") {
        reward.limit = {Number(w[i + 1]), LimitWindow::kDay};
      } else if (w[i] == "from") {
        reward.minimum_order_minor = Minor(w[i + 1]);
      } else if (w[i] == "codes") {
        reward.kind = Voucher{};
        codes = absl::StrSplit(w[i + 1], ',');
      } else if (w[i] == "to") {
        reward.kind = DonationReward{w[i + 1]};
      } else {
        reward.tier_prices[w[i]] = Number(w[i + 1]);
      }
    }
    rewards_.emplace_back(std::move(reward), std::move(codes));
  }

  Program program_;
  std::vector<std::pair<Reward, Words>> rewards_;  // with the codes that were uploaded
};

// Steps are separated by semicolons. Each may begin with a time; after a colon stands what it comes to: the
// points of its entry with their sign, or the reason of a refusal.
class Story {
 public:
  explicit Story(const std::string& settings) : store_(Settings(settings).Store()) {}

  void Tell(const std::string& story) {
    for (const absl::string_view step : absl::StrSplit(story, ';', absl::SkipWhitespace())) {
      SCOPED_TRACE(std::string(step));
      const std::vector<std::string> halves = absl::StrSplit(step, absl::MaxSplits(" → ", 1));
      Words words = WordsOf(halves[0]);
      if (IsTime(words[0])) {
        now_ = TimeOf(words[0]);
        words.erase(words.begin());
      }
      Step(words, halves.size() > 1 ? std::string(absl::StripAsciiWhitespace(halves[1])) : "");
    }
    EXPECT_EQ(store_.Imbalance(), "");
  }

 private:
  void Step(const Words& w, const std::string& outcome) {
    if (w[1] == "has" || w[1] == "is") return Check(w);
    if (w[1] == "applies") {  // program applies expiry rolling 10 days
      Settings::Expiry({w.begin() + 2, w.end()}, store_.program().policies.expiry);
      ASSERT_TRUE(ApplyExpiryToExisting(now_, store_.program()).ok());
      return store_.MakeDue(now_);
    }
    const auto answer = store_.Apply(CommandOf(w), now_);
    if (!outcome.empty() && absl::ascii_isupper(static_cast<unsigned char>(outcome[0]))) {
      EXPECT_EQ(ReasonOf(answer), outcome);
      return;
    }
    ASSERT_TRUE(answer.ok()) << answer.status();
    if (!outcome.empty()) {
      EXPECT_EQ(answer->entry.Net(), Number(outcome));
    }
  }

  Command CommandOf(const Words& w) {
    const std::string request = absl::StrCat("r", ++requests_);
    const std::string& member = w[0];
    const std::string& verb = w[1];
    if (verb == "earns") return EarnCommand(request, member, Number(w[2]));
    if (verb == "buys") return Buy(request, w);
    if (verb == "spends") return Spending(request, w);
    if (verb == "returns") return Returning(request, w);
    if (verb == "confirms") return CommandFor(request, member, ConfirmPurchase{w[2]});
    if (verb == "cancels" && w[2] == "redemption") {
      return CommandFor(request, member, CancelRedemption{w[3]});
    }
    if (verb == "cancels") return CommandFor(request, member, CancelPurchase{w[2]});
    if (verb == "reserves") {  // reserves 30 as h1 for 2 hours
      return CommandFor(w[4], member, ReservePoints{Number(w[2]), absl::Hours(Number(w[6])), ""});
    }
    if (verb == "captures")
      return CommandFor(request, member, CapturePoints{w[2], w.size() > 3 ? Number(w[3]) : 0});
    if (verb == "releases") return CommandFor(request, member, ReleasePoints{w[2]});
    if (verb == "sends") return CommandFor(request, member, TransferPoints{w[4], Number(w[2])});
    if (verb == "reverses") return ReverseCommand(request, member, w[2], w.size() > 3 ? Number(w[3]) : 0);
    if (verb == "does") {  // does review a1
      return CommandFor(request, member, RecordActivity{{w[2], w[3], now_, "", ""}});
    }
    if (verb == "redeems") return Redeeming(request, w);
    if (verb == "receives") return CommandFor(request, member, FulfillRedemption{w[2]});
    return OfMembers(request, w);
  }

  static Command OfMembers(const std::string& request, const Words& w) {
    if (w[1] == "leaves") return CommandFor(request, w[0], CloseMember{});
    if (w[1] == "becomes") return CommandFor(request, w[2], MergeMembers{w[0]});
    if (w[1] == "tells") {  // tells birthday 02-29
      UpdateProfile update{.birthday = true};
      const Words parts = absl::StrSplit(w[3], '-');
      update.profile.birthday = {static_cast<int32_t>(Number(parts[0])),
                                 static_cast<int32_t>(Number(parts[1]))};
      return CommandFor(request, w[0], update);
    }
    ADD_FAILURE() << "unknown step: " << w[1];
    return {};
  }

  // redeems mug [as p1] [for 25.00]
  static Command Redeeming(const std::string& request, const Words& w) {
    RedeemReward redeem{.reward_id = w[2]};
    Command command = CommandFor(request, w[0], redeem);
    for (size_t i = 3; i + 1 < w.size(); i += 2) {
      if (w[i] == "as") command.request_id = w[i + 1];
      if (w[i] == "for") redeem.order_total_minor = Minor(w[i + 1]);
    }
    command.action = redeem;
    return command;
  }

  // buys o1 for 30.00 [of 2x10.00 1x20.00]
  Command Buy(const std::string& request, const Words& w) {
    Command command = PurchaseCommand(request, w[0], w[2], Minor(w[4]));
    Purchase& purchase = PurchaseOf(command);
    purchase.purchase_time = now_;
    for (size_t i = 6; i < w.size(); ++i) {
      const Words parts = absl::StrSplit(w[i], 'x');
      purchase.lines.push_back(
          {absl::StrCat("sku", i), "", Number(parts[0]), Number(parts[0]) * Minor(parts[1])});
    }
    return command;
  }

  // spends 30 [as s1] [on o1 [of 20.00]]
  static Command Spending(const std::string& request, const Words& w) {
    Command command = SpendCommand(request, w[0], Number(w[2]));
    for (size_t i = 3; i + 1 < w.size(); i += 2) {
      auto& spend = std::get<Spend>(command.action);
      if (w[i] == "as") command.request_id = w[i + 1];
      if (w[i] == "on") spend.order_id = w[i + 1];
      if (w[i] == "of") spend.order_total_minor = Minor(w[i + 1]);
    }
    return command;
  }

  // returns 10.00 of o1; returns 1 of line 0 of o1; returns all of o1
  Command Returning(const std::string& request, const Words& w) {
    const std::string id = absl::StrCat("back", requests_);
    if (w[4] == "line") return ReturnLinesCommand(request, w[7], id, {{Number(w[5]), Number(w[2])}});
    return ReturnCommand(request, w[0], w[4], id, w[2] == "all" ? 0 : Minor(w[2]));
  }

  // has 70 [pending 30] [held 5] [debt 2]; is gold; is none
  void Check(const Words& w) {
    (void)store_.Apply(CommandFor("", w[0], CatchUp{}), now_);
    const Account& account = store_.AccountOf(w[0]);
    if (w[1] == "is") {
      const std::string tier = account.state ? account.state->standing.tier_id : "";
      EXPECT_EQ(tier.empty() ? "none" : tier, w[2]);
      return;
    }
    EXPECT_EQ(account.balance, Number(w[2]));
    for (size_t i = 3; i + 1 < w.size(); i += 2) {
      const int64_t is = w[i] == "pending" ? account.pending : w[i] == "held" ? account.held : account.debt;
      EXPECT_EQ(is, Number(w[i + 1])) << w[i];
    }
  }

  MemoryStore store_;
  absl::Time now_ = kNoon;
  int requests_ = 0;
};

TEST(Readme, ItsExamplesAreTrue) {
  const std::vector<Example> examples = ReadExamples();
  EXPECT_GE(examples.size(), 20U);
  for (const Example& example : examples) {
    SCOPED_TRACE(example.rule);
    Story(example.settings).Tell(example.story);
  }
}

}  // namespace
}  // namespace loyalty::points
