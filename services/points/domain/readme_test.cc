// Executes the worked examples of services/points/README.md: each row of the table below "Semantics" is a
// program's settings and a story, in words that this file and readme_settings.h read.
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "services/points/domain/audience.h"
#include "services/points/domain/expiry_changes.h"
#include "services/points/domain/readme_settings.h"

namespace loyalty::points {
namespace {

struct Example {
  std::string topic, rule, settings, story;
};

// The text between the row's backticks, cell by cell; of the first two cells the text itself.
std::vector<Example> ReadExamples() {
  std::string folder = __FILE__;
  folder.resize(folder.rfind("/domain/"));
  std::ifstream file(folder + "/README.md");
  std::vector<Example> examples;
  bool within = false;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "## ")) within = line == "## Semantics";
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (!within || cells.size() != 6 || !absl::StrContains(cells[4], "`")) continue;
    const auto bare = [](const std::string& cell) {
      return std::string(absl::StripAsciiWhitespace(absl::StrReplaceAll(cell, {{"`", ""}})));
    };
    examples.push_back({bare(cells[1]), bare(cells[2]), bare(cells[3]), bare(cells[4])});
  }
  return examples;
}

// What a rule says about a deed, by RuleOutcome.
constexpr const char* kOutcomes[] = {
    "",           "applied",         "time",          "hours",   "channel",
    "location",   "no-line",         "minimum-order", "label",   "segment",
    "tier",       "birthday",        "not-first",     "not-nth", "order-label",
    "other-deed", "better-in-group", "member-limit",  "budget",  "nothing",
    "no-charity"};

// Steps are separated by semicolons. Each may begin with a time, then with "validate": it is only tried.
// After → stands what it comes to: the points of its entry with their sign, or the reason of a refusal.
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
      const std::string outcome = halves.size() > 1 ? std::string(absl::StripAsciiWhitespace(halves[1])) : "";
      if (words[0] == "program") {
        OfProgram(words);
      } else if (words[1] == "has" || words[1] == "is" || words[1] == "says" || words[1] == "agrees") {
        Check(words);
      } else {
        Do(words, outcome);
      }
    }
    EXPECT_EQ(store_.Imbalance(), "");
  }

 private:
  void Do(Words w, const std::string& outcome) {
    const bool trial = w[0] == "validate";
    if (trial) w.erase(w.begin());
    Command command = CommandOf(w);
    command.validate_only = trial;
    if (!command.member_id.empty()) names_.insert(command.member_id);
    const auto answer = store_.Apply(command, now_);
    if (!outcome.empty() && absl::ascii_isupper(static_cast<unsigned char>(outcome[0]))) {
      EXPECT_EQ(ReasonOf(answer), outcome);
      return;
    }
    ASSERT_TRUE(answer.ok()) << answer.status();
    last_ = answer->entry;
    if (!outcome.empty()) {
      EXPECT_EQ(last_.Net(), Number(outcome));
    }
  }

  // program sets expiry rolling 10 days: for new points; program applies …: for those that are there, too;
  // program sets tier silver from 100.00: that one; program drops tiers
  void OfProgram(const Words& w) {
    if (w[1] == "awards") return AwardAudience(w);
    Program program = store_.program();
    const Words setting(w.begin() + 2, w.end());
    if (setting[0] == "expiry") program.policies.expiry = Settings::Expiry(setting);
    if (setting[0] != "expiry") program.policies.tiers.tiers.clear();
    if (setting[0] == "tier") Settings::AddTier(setting, program.policies.tiers);
    if (w[1] == "applies") {
      ASSERT_TRUE(ApplyExpiryToExisting(now_, program).ok());
    }
    store_.Change(std::move(program), now_);
  }

  // program awards 100 as day [label vip] [segment family] [in gold]
  void AwardAudience(const Words& w) {
    AudienceAward award{.id = w[4], .points = Number(w[2]), .time = now_};
    for (size_t i = 5; i + 1 < w.size(); i += 2) {
      if (w[i] == "label") award.audience.member_label = w[i + 1];
      if (w[i] == "segment") award.audience.segment = w[i + 1];
      if (w[i] == "in") award.audience.tier_ids.push_back(w[i + 1]);
    }
    for (const std::string& name : names_) {
      if (!store_.HasMember(name)) continue;
      const Account& account = UpToDate(name);
      const Listener listener{LabelsOf(account), ProfileOf(account).segment,
                              StateOf(account).standing.tier_id, account.enroll_time};
      if (!IsIn(award.audience, listener, award.time)) continue;
      const auto given = store_.Apply(EarnOf(award, name, account.id), now_);
      EXPECT_TRUE(given.ok()) << given.status();
    }
  }

  Command CommandOf(const Words& w) {
    const std::string request = absl::StrCat("r", ++requests_);
    const std::string& member = w[0];
    const std::string& verb = w[1];
    if (verb == "earns") {  // earns 50 [as e1]
      return EarnCommand(w.size() > 4 ? w[4] : request, member, Number(w[2]));
    }
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

  Command OfMembers(const std::string& request, const Words& w) const {
    if (w[1] == "leaves") return CommandFor(request, w[0], CloseMember{});
    if (w[1] == "becomes") return CommandFor(request, w[2], MergeMembers{w[0]});
    if (w[1] == "gets") {  // gets gold until 2026-07-01
      return CommandFor(request, w[0], SetTier{Standing::Override{w[2], TimeOf(w[4])}});
    }
    if (w[1] == "carries") {  // carries vip [until 2026-06-01]
      return LabelCommand(request, w[0], w[2], now_, w.size() > 4 ? TimeOf(w[4]) : absl::InfiniteFuture());
    }
    if (w[1] == "allows" || w[1] == "forbids") {  // allows email news
      return CommandFor(request, w[0], SetConsent{w[2], w[3], w[1] == "allows"});
    }
    if (w[1] == "tells" && w[2] == "segment") {  // tells segment family
      return CommandFor(request, w[0], UpdateProfile{.profile = {.segment = w[3]}, .segment = true});
    }
    if (w[1] == "tells") {  // tells birthday 02-29
      const Words parts = absl::StrSplit(w[3], '-');
      const Birthday birthday{SmallNumber(parts[0]), SmallNumber(parts[1])};
      return CommandFor(request, w[0], UpdateProfile{.profile = {.birthday = birthday}, .birthday = true});
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

  // buys o1 for 30.00 [at 2026-05-01] [channel app] [location rome] [order-label gift] [of 2x10.00
  // 1x10.00:tea:drinks]: pieces and the price of each, then the line's sku and category
  Command Buy(const std::string& request, const Words& w) const {
    Command command = PurchaseCommand(request, w[0], w[2], Minor(w[4]));
    Purchase& purchase = PurchaseOf(command);
    purchase.purchase_time = now_;
    size_t i = 5;
    for (; i + 1 < w.size() && w[i] != "of"; i += 2) {
      if (w[i] == "at") purchase.purchase_time = TimeOf(w[i + 1]);
      if (w[i] == "channel") purchase.channel = w[i + 1];
      if (w[i] == "location") purchase.location = w[i + 1];
      if (w[i] == "order-label") purchase.labels.push_back(w[i + 1]);
    }
    for (++i; i < w.size(); ++i) {
      const Words names = absl::StrSplit(w[i], ':');
      const Words parts = absl::StrSplit(names[0], 'x');
      purchase.lines.push_back({names.size() > 1 ? names[1] : "", names.size() > 2 ? names[2] : "",
                                Number(parts[0]), Number(parts[0]) * Minor(parts[1])});
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
  Command Returning(const std::string& request, const Words& w) const {
    const std::string id = absl::StrCat("back", requests_);
    if (w[4] == "line") return ReturnLinesCommand(request, w[7], id, {{Number(w[5]), Number(w[2])}});
    return ReturnCommand(request, w[0], w[4], id, w[2] == "all" ? 0 : Minor(w[2]));
  }

  const Account& UpToDate(const std::string& member) {
    (void)store_.Apply(CommandFor("", member, CatchUp{}), now_);
    return store_.AccountOf(member);
  }

  void Check(const Words& w) {
    if (w[1] == "says") return CheckRule(w);
    const Account& account = UpToDate(w[0]);
    if (w[1] == "is") return CheckTier(account, w);
    if (w[1] == "agrees") return CheckConsent(ProfileOf(account), w);
    EXPECT_EQ(account.balance, Number(w[2]));  // has 70 [pending 30] [held 5] [debt 2]
    for (size_t i = 3; i + 1 < w.size(); i += 2) {
      const int64_t is = w[i] == "pending" ? account.pending : w[i] == "held" ? account.held : account.debt;
      EXPECT_EQ(is, Number(w[i + 1])) << w[i];
    }
  }

  // big says minimum-order: the rule, about the last deed
  void CheckRule(const Words& w) const {
    std::string said;
    for (const Considered& one : last_.considered) {
      if (one.rule_id == w[0]) said = kOutcomes[static_cast<size_t>(one.outcome)];
    }
    EXPECT_EQ(said, w[2]);
  }

  // is none; is silver [since 2026-05-01] [until 2028-01-01] [next 1400.00] [keep 500.00]: what is missing
  // for the next tier, and to keep this one
  void CheckTier(const Account& account, const Words& w) {
    const Standing& standing = StateOf(account).standing;
    EXPECT_EQ(standing.tier_id.empty() ? "none" : standing.tier_id, w[2]);
    const Program& program = store_.program();
    const TierOutlook outlook =
        OutlookOf({program.policies.tiers, program.zone, account.enroll_time}, standing, now_);
    for (size_t i = 3; i + 1 < w.size(); i += 2) {
      if (w[i] == "since") {
        EXPECT_EQ(standing.since, TimeOf(w[i + 1]));
      }
      if (w[i] == "until") {
        EXPECT_EQ(outlook.until, TimeOf(w[i + 1]));
      }
      if (w[i] == "next") {
        EXPECT_EQ(outlook.missing_for_next, Minor(w[i + 1]));
      }
      if (w[i] == "keep") {
        EXPECT_EQ(outlook.missing_to_keep, Minor(w[i + 1]));
      }
    }
  }

  // agrees email news yes|no|unasked
  static void CheckConsent(const Profile& profile, const Words& w) {
    std::string said = "unasked";
    for (const Consent& consent : profile.consents) {
      if (consent.channel == w[2] && consent.purpose == w[3]) said = consent.granted ? "yes" : "no";
    }
    EXPECT_EQ(said, w[4]);
  }

  MemoryStore store_;
  absl::Time now_ = kNoon;
  int requests_ = 0;
  std::set<std::string> names_;  // of who did something
  Entry last_;                   // that answered
};

// What the specification has semantics for, in its order; a row begins with one of them.
constexpr const char* kTopics[] = {
    "conditions", "effects", "activities",  "audiences",     "stacking",     "limits",       "quotes",
    "pending",    "returns", "clawback",    "spending",      "payment",      "reversals",    "holds",
    "expiry",     "tier by", "tier within", "tier lost",     "tier by hand", "tier shown",   "tier benefits",
    "transfers",  "prices",  "stock",       "reward limits", "reward for",   "redemptions",  "codes",
    "charities",  "labels",  "consent",     "leaving",       "merging",      "celebrations", "requests"};

TEST(Readme, ItsExamplesAreTrue) {
  for (const Example& example : ReadExamples()) {
    SCOPED_TRACE(example.rule);
    Story(example.settings).Tell(example.story);
  }
}

TEST(Readme, EachTopicHasAnExample) {
  std::set<std::string> topics;
  for (const Example& example : ReadExamples()) topics.insert(example.topic);
  EXPECT_EQ(topics, std::set<std::string>(std::begin(kTopics), std::end(kTopics)));
}

}  // namespace
}  // namespace loyalty::points
