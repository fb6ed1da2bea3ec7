// Random histories of all commands under random programs, with time passing: decided by the ledger in batches
// of at most 1, 7 and 1000 commands, and by SimpleLedger one by one, they must agree in every answer, entry
// and balance. Policies and rules change between batches.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/points/domain/memory_store.h"
#include "services/points/domain/simple_ledger.h"
#include "services/points/domain/test_history.h"

namespace loyalty::points {
namespace {

std::string InWords(const Profile& profile) {
  std::string text = absl::StrCat("born ", profile.birthday.month, "-", profile.birthday.day, " segment ",
                                  profile.segment, " by ", profile.referrer_member_id);
  for (const auto& [name, value] : profile.attributes) absl::StrAppend(&text, " ", name, " ", value.index());
  for (const Consent& consent : profile.consents) {
    absl::StrAppend(&text, " ", consent.granted ? "" : "no ", consent.channel, " ", consent.purpose, " ",
                    absl::FormatTime(consent.update_time));
  }
  return text;
}
std::string StateInWords(const Account& account) {
  const MemberState none;
  const Profile nobody;
  return absl::StrCat(
      account.balance, " pending ", account.pending, " held ", account.held, " debt ", account.debt,
      " purchases ", account.purchases, " tier ", (account.state ? *account.state : none).standing.tier_id,
      account.IsClosed() ? " left " : " ", InWords(account.profile ? *account.profile : nobody));
}
std::string StateInWords(const SimpleAccount& account) {
  return absl::StrCat(account.Balance(), " pending ", account.Pending(), " held ", account.Held(), " debt ",
                      account.debt, " purchases ", account.Purchases(), " tier ", account.standing.tier_id,
                      account.closed ? " left " : " ", InWords(account.profile));
}

// The first difference, in words; empty: none.
std::string Difference(const MemoryStore& store, const SimpleLedger& simple) {
  for (const char* id : {"m0", "m1", "m2", "m3"}) {
    const auto account = simple.accounts().find(id);
    if (store.HasMember(id) != (account != simple.accounts().end()))
      return absl::StrCat(id, " is one, or is not");
    if (!store.HasMember(id)) continue;
    const std::vector<Entry> entries = store.OwnEntriesOf(id);
    const std::vector<Entry>& expected = account->second.entries;
    for (size_t i = 0; i < std::max(entries.size(), expected.size()); ++i) {
      const std::string is = i < entries.size() ? InWords(entries[i]) : "none";
      const std::string should = i < expected.size() ? InWords(expected[i]) : "none";
      if (is != should) return absl::StrCat(id, ":\n  is     ", is, "\n  should ", should);
    }
    const std::string is = StateInWords(store.AccountOf(id)),
                      should = StateInWords(simple.accounts().at(simple.Resolve(id)));
    if (is != should) return absl::StrCat(id, ":\n  is     ", is, "\n  should ", should);
  }
  for (const SimpleLedger::Offer& offer : simple.offers()) {
    const std::string& id = offer.reward.id;
    if (store.StockUsed(id) != simple.PiecesGone(id) ||
        (!offer.codes.empty() && store.FreeCodes(id) != simple.FreeCodes(offer).size())) {
      return absl::StrCat(id, ": ", store.StockUsed(id), " are gone in place of ", simple.PiecesGone(id));
    }
  }
  return store.Imbalance();
}

void Offer(MemoryStore& store, const std::vector<SimpleLedger::Offer>& offers) {
  for (const SimpleLedger::Offer& offer : offers) store.AddReward(offer.reward, offer.codes);
}

constexpr size_t kLimits[] = {1, 7, 1000};

class Comparison {
 public:
  // From now on it is another.
  void Change(const Program& program, absl::Time now) {
    simple_.Change(program, now);
    for (MemoryStore& store : stores_) store.Change(program, now);
  }

  Comparison(const Program& program, const std::vector<SimpleLedger::Offer>& offers)
      : simple_(program, offers), stores_{MemoryStore(program), MemoryStore(program), MemoryStore(program)} {
    for (MemoryStore& store : stores_) Offer(store, offers);
  }

  // The first difference that the commands bring, in words; empty: none.
  std::string Decide(const std::vector<Command>& commands, absl::Time now) {
    std::vector<std::string> expected;
    for (const Command& command : commands) expected.push_back(InWords(simple_.Decide(command, now)));
    for (size_t i = 0; i < std::size(kLimits); ++i) {
      for (size_t at = 0; at < commands.size(); at += kLimits[i]) {
        const auto end = std::min(commands.size(), at + kLimits[i]);
        const std::vector<Command> batch(commands.begin() + static_cast<std::ptrdiff_t>(at),
                                         commands.begin() + static_cast<std::ptrdiff_t>(end));
        const auto answers = stores_[i].Apply(batch, now);
        for (size_t j = 0; j < answers.size(); ++j) {
          const std::string is = InWords(answers[j]);
          if (is != expected[at + j]) {
            return absl::StrCat("limit ", kLimits[i], " command ", at + j, ":\n  is     ", is, "\n  should ",
                                expected[at + j]);
          }
        }
      }
      const std::string difference = Difference(stores_[i], simple_);
      if (!difference.empty()) return absl::StrCat("limit ", kLimits[i], " ", difference);
    }
    return "";
  }

 private:
  SimpleLedger simple_;
  MemoryStore stores_[3];
};

std::string Compare(std::vector<Program> programs, const std::vector<SimpleLedger::Offer>& offers,
                    const std::vector<Step>& steps) {
  Comparison comparison(programs.front(), offers);
  size_t program = 0;
  Past past;
  absl::Time now = kNoon;
  std::vector<Command> commands;
  for (size_t i = 0; i < steps.size(); ++i) {
    commands.push_back(ToCommand(steps[i], now, past));
    if (steps[i].clock_hours == 0 && i + 1 < steps.size()) continue;
    const std::string difference = comparison.Decide(commands, now);
    if (!difference.empty()) return difference;
    commands.clear();
    now += steps[i].clock_hours < 0 ? absl::Minutes(steps[i].clock_hours) : absl::Hours(steps[i].clock_hours);
    if (!ChangesProgram(steps[i]) || program + 1 == programs.size()) continue;
    Begin(programs[program], now, programs[program + 1]);
    comparison.Change(programs[++program], now);
  }
  return "";
}

std::string InWords(const Program& program) {
  const Policies& p = program.policies;
  std::string text = absl::StrCat(
      "rate ", program.base_earn_rate.points, "/", program.base_earn_rate.per_major_units, " expiry ",
      static_cast<int>(p.expiry.kind), " months ", p.expiry.months, " days ", p.expiry.days, " round ",
      static_cast<int>(p.expiry.round_up), " month ", p.expiry.month, " day ", p.expiry.day, " returns ",
      static_cast<int>(p.returns), " grace ", p.spending.grace_days, " worth ", p.spending.worth_minor,
      " tiers ", p.tiers.tiers.size(), " metric ", static_cast<int>(p.tiers.metric), " period ",
      static_cast<int>(p.tiers.period), " downgrade ", static_cast<int>(p.tiers.downgrade), " grace ",
      p.tiers.grace_days, " transfers ", p.transfers.allowed, " fee ", p.transfers.fee_percent, " rules");
  for (const EarnRule& rule : program.rules) absl::StrAppend(&text, " ", rule.id, " v", rule.version);
  for (const ExpiryChange& change : p.expiry_changes)
    absl::StrAppend(&text, " for existing ", absl::FormatTime(change.time));
  absl::StrAppend(&text, " closure ", static_cast<int>(p.closure), " birthday ",
                  p.celebrations.birthday_points, " anniversary ", p.celebrations.anniversary_points);
  return text;
}
std::string InWords(const SimpleLedger::Offer& offer) {
  const Reward& r = offer.reward;
  return absl::StrCat("\n", r.id, " for ", r.price_points, " stock ", r.stock, " codes ",
                      absl::StrJoin(offer.codes, ","), " most ", r.limit.most, " window ",
                      static_cast<int>(r.limit.window), " label ", r.member_label, " tiers ",
                      absl::StrJoin(r.tier_ids, ","), " from ", r.minimum_order_minor, " start ",
                      absl::FormatTime(r.start), " end ", absl::FormatTime(r.end));
}

void HistoriesAgree() {
  const std::vector<Program> programs = AnyPrograms();
  const auto offers = AnyOffers();
  const auto steps = AnyHistory();
  const std::string difference = Compare(programs, offers, steps);
  if (difference.empty()) return;
  std::string text = absl::StrJoin(
      programs, "\n", [](std::string* out, const Program& program) { *out += InWords(program); });
  for (const SimpleLedger::Offer& offer : offers) text += InWords(offer);
  RC_FAIL(text + "\n" + difference);
}

// The same history with and without the job that brings accounts up to date, as it may run at any time.
void NothingIsLate() {
  const Program program = AnyProgram();
  const auto steps = AnyHistory();
  const auto times = *rc::gen::container<std::vector<int>>(10, rc::gen::inRange(1, 24 * 30));
  MemoryStore with(program), without(program);
  const auto offers = AnyOffers();
  Offer(with, offers);
  Offer(without, offers);
  Past past;
  const auto bare = [](Entry entry) {
    entry.recorded_time = absl::UnixEpoch();
    return Describe(entry);
  };
  absl::Time now = kNoon;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Command command = ToCommand(steps[i], now, past);
    if (std::holds_alternative<CatchUp>(command.action)) continue;
    const auto a = with.Apply(command, now), b = without.Apply(command, now);
    RC_ASSERT(a.ok() == b.ok());
    RC_ASSERT(ReasonOf(a) == ReasonOf(b));
    if (a.ok()) RC_ASSERT(bare(a->entry) == bare(b->entry));
    const absl::Time next = now + absl::Hours(std::max(0, steps[i].clock_hours));
    for (absl::Time at = now; at <= next; at += absl::Hours(times[i % times.size()])) {
      for (const char* id : {"m0", "m1", "m2", "m3"}) (void)with.Apply(CommandFor("", id, CatchUp{}), at);
    }
    now = next;
  }
  for (const char* id : {"m0", "m1", "m2", "m3"}) {
    (void)with.Apply(CommandFor("", id, CatchUp{}), now);
    (void)without.Apply(CommandFor("", id, CatchUp{}), now);
    RC_ASSERT(with.HasMember(id) == without.HasMember(id));
    if (!with.HasMember(id)) continue;
    const auto a = with.EntriesOf(id), b = without.EntriesOf(id);
    RC_ASSERT(a.size() == b.size());
    for (size_t i = 0; i < a.size(); ++i) RC_ASSERT(bare(a[i]) == bare(b[i]));
    RC_ASSERT(StateInWords(with.AccountOf(id)) == StateInWords(without.AccountOf(id)));
  }
  RC_ASSERT(with.Imbalance() == "");
}

void Check(const std::string& name, int least, void (*property)()) {
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = name;
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, least);
  const rc::detail::TestResult result = rc::detail::checkTestable(property, metadata, params);
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << text.str();
}

TEST(LedgerProperty, AgreesWithTheSimplestLedgerInEveryAnswerAndBalance) {
  Check("LedgerProperty/AgreesWithTheSimplestLedger", 3500, HistoriesAgree);
}

TEST(LedgerProperty, NothingIsLateWheneverTheJobRuns) {
  Check("LedgerProperty/NothingIsLate", 1000, NothingIsLate);
}

}  // namespace
}  // namespace loyalty::points
