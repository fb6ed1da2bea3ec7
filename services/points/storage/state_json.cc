#include "services/points/storage/state_json.h"

#include <absl/time/civil_time.h>

#include <nlohmann/json.hpp>

#include "common/postgres/values.h"

namespace loyalty::points {
namespace {

using nlohmann::json;

std::string TimeText(absl::Time time) { return postgres::FormatTimestamp(time); }
absl::Time TimeOf(const json& in) { return postgres::ParseTimestamp(in.get<std::string>()); }
// Where the field is left out, `otherwise`.
absl::Time TimeIn(const json& in, const char* field, absl::Time otherwise) {
  return in.contains(field) ? TimeOf(in.at(field)) : otherwise;
}

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }
absl::CivilDay DayOf(int64_t number) { return absl::CivilDay(1970, 1, 1) + number; }

json ProgressToJson(const Progress& progress) {
  return json::array({progress.points, progress.money_minor, progress.purchases});
}
Progress ProgressOf(const json& in) {
  return {in.at(0).get<int64_t>(), in.at(1).get<int64_t>(), in.at(2).get<int64_t>()};
}

json StandingToJson(const Standing& standing) {
  json out = json::object();
  if (!standing.tier_id.empty()) out["id"] = standing.tier_id;
  if (standing.since != absl::InfinitePast()) out["since"] = TimeText(standing.since);
  if (!standing.carried_tier_id.empty()) out["carried_id"] = standing.carried_tier_id;
  if (standing.period_start != absl::InfinitePast()) out["period_start"] = TimeText(standing.period_start);
  if (standing.progress != Progress()) out["progress"] = ProgressToJson(standing.progress);
  for (const Standing::Day& day : standing.days) {
    out["days"].push_back(json::array(
        {DayNumber(day.day), day.progress.points, day.progress.money_minor, day.progress.purchases}));
  }
  if (standing.drop_time != absl::InfiniteFuture()) {
    out["drop_time"] = TimeText(standing.drop_time);
    out["drop_id"] = standing.drop_tier_id;
  }
  if (standing.override_) {
    out["override"] = json::array({standing.override_->tier_id, TimeText(standing.override_->until)});
  }
  return out;
}

Standing StandingOf(const json& in) {
  Standing standing;
  standing.tier_id = in.value("id", "");
  standing.since = TimeIn(in, "since", absl::InfinitePast());
  standing.carried_tier_id = in.value("carried_id", "");
  standing.period_start = TimeIn(in, "period_start", absl::InfinitePast());
  if (in.contains("progress")) standing.progress = ProgressOf(in.at("progress"));
  if (in.contains("days")) {
    for (const json& day : in.at("days")) {
      standing.days.push_back(
          {DayOf(day.at(0).get<int64_t>()),
           {day.at(1).get<int64_t>(), day.at(2).get<int64_t>(), day.at(3).get<int64_t>()}});
    }
  }
  standing.drop_time = TimeIn(in, "drop_time", absl::InfiniteFuture());
  standing.drop_tier_id = in.value("drop_id", "");
  if (in.contains("override")) {
    const json& held = in.at("override");
    standing.override_ = Standing::Override{held.at(0).get<std::string>(), TimeOf(held.at(1))};
  }
  return standing;
}

json LotsToJson(const std::vector<NewLot>& lots) {
  json out = json::array();
  for (const NewLot& lot : lots) {
    json one = json::array({lot.points, TimeText(lot.earned_time), TimeText(lot.expire_time)});
    if (lot.mature_time != absl::InfinitePast() || lot.from_sequence != 0)
      one.push_back(TimeText(lot.mature_time));
    if (lot.from_sequence != 0) {
      one.push_back(lot.from_sequence);
      one.push_back(lot.from_part);
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<NewLot> LotsOf(const json& in) {
  std::vector<NewLot> lots;
  for (const json& one : in) {
    NewLot& lot = lots.emplace_back(NewLot{one.at(0).get<int64_t>(), TimeOf(one.at(1)), TimeOf(one.at(2))});
    if (one.size() > 3) lot.mature_time = TimeOf(one.at(3));
    if (one.size() <= 4) continue;
    lot.from_sequence = one.at(4).get<int64_t>();
    lot.from_part = one.at(5).get<int32_t>();
  }
  return lots;
}

json AttributeToJson(const Attribute& attribute) {
  if (const auto* text = std::get_if<std::string>(&attribute)) return *text;
  if (const auto* number = std::get_if<int64_t>(&attribute)) return *number;
  if (const auto* flag = std::get_if<bool>(&attribute)) return *flag;
  return json{{"day", DayNumber(std::get<absl::CivilDay>(attribute))}};
}

Attribute AttributeOf(const json& in) {
  if (in.is_string()) return in.get<std::string>();
  if (in.is_boolean()) return in.get<bool>();
  if (in.is_number()) return in.get<int64_t>();
  return DayOf(in.at("day").get<int64_t>());
}

}  // namespace

std::string StateToJson(const MemberState& state) {
  json out = json::object();
  if (state.standing != Standing()) out["tier"] = StandingToJson(state.standing);
  for (const RuleUse& use : state.uses.all()) {
    out["uses"].push_back(
        json::array({use.rule_id, static_cast<int>(use.window), DayNumber(use.start), use.points}));
  }
  if (state.celebrated != Celebrated()) {
    out["celebrated"] = json::array({state.celebrated.birthday_year, state.celebrated.anniversary_year});
  }
  if (state.expiry_changes != 0) out["expiry_changes"] = state.expiry_changes;
  return out.dump();
}

std::shared_ptr<const MemberState> StateFromJson(absl::string_view text) {
  auto state = std::make_shared<MemberState>();
  const json in = json::parse(text);
  if (in.contains("tier")) state->standing = StandingOf(in.at("tier"));
  if (in.contains("celebrated")) {
    state->celebrated = {in.at("celebrated").at(0).get<int32_t>(), in.at("celebrated").at(1).get<int32_t>()};
  }
  state->expiry_changes = in.value("expiry_changes", 0);
  if (!in.contains("uses")) return state;
  std::vector<RuleUse> uses;
  for (const json& use : in.at("uses")) {
    uses.push_back({use.at(0).get<std::string>(), static_cast<LimitWindow>(use.at(1).get<int>()),
                    DayOf(use.at(2).get<int64_t>()), use.at(3).get<int64_t>()});
  }
  state->uses = RuleUses(std::move(uses));
  return state;
}

bool HasPlainLot(const Entry& entry) {
  return entry.lots.size() == 1 && entry.lots[0].points == entry.points &&
         entry.lots[0].earned_time == entry.occurred_time &&
         entry.lots[0].mature_time == absl::InfinitePast() && entry.lots[0].from_sequence == 0;
}

std::string DetailToJson(const Entry& entry) {
  json out;
  if (!entry.lots.empty() && !HasPlainLot(entry)) out["lots"] = LotsToJson(entry.lots);
  for (const Considered& rule : entry.considered) {
    out["considered"].push_back(json::array({rule.rule_id, rule.version, static_cast<int>(rule.outcome)}));
  }
  for (const ReturnedLine& line : entry.returned_lines) {
    out["returned_lines"].push_back(json::array({line.line, line.quantity}));
  }
  if (entry.tier) {
    out["tier"] = json::array({entry.tier->from_tier_id, entry.tier->to_tier_id});
    if (entry.tier->override_until != absl::InfinitePast()) {
      out["tier"].push_back(TimeText(entry.tier->override_until));
    }
  }
  if (entry.counterpart) {
    out["counterpart"] = json::array({entry.counterpart->account_id, entry.counterpart->sequence});
  }
  if (entry.corrected_account != 0) {
    out["corrected"] = json::array({entry.corrected_account, entry.corrected_sequence});
  }
  if (entry.hold_until != absl::InfinitePast()) out["hold_until"] = TimeText(entry.hold_until);
  if (!entry.activity_type.empty()) out["activity_type"] = entry.activity_type;
  if (!entry.reward_id.empty()) out["reward"] = entry.reward_id;
  if (!entry.code.empty()) out["code"] = entry.code;
  if (entry.counts_for_tier) out["for_tier"] = true;
  return out.is_null() ? "" : out.dump();
}

void ReadDetail(absl::string_view text, Entry& entry) {
  const json in = json::parse(text);
  if (in.contains("considered")) {
    for (const json& rule : in.at("considered")) {
      entry.considered.push_back({rule.at(0).get<std::string>(), rule.at(1).get<int32_t>(),
                                  static_cast<RuleOutcome>(rule.at(2).get<int>())});
    }
  }
  if (in.contains("returned_lines")) {
    for (const json& line : in.at("returned_lines")) {
      entry.returned_lines.push_back({line.at(0).get<int64_t>(), line.at(1).get<int64_t>()});
    }
  }
  if (in.contains("tier")) {
    const json& tier = in.at("tier");
    entry.tier = TierChange{tier.at(0).get<std::string>(), tier.at(1).get<std::string>()};
    if (tier.size() > 2) entry.tier->override_until = TimeOf(tier.at(2));
  }
  if (in.contains("counterpart")) {
    const json& other = in.at("counterpart");
    entry.counterpart = Counterpart{other.at(0).get<int64_t>(), other.at(1).get<int64_t>()};
  }
  if (in.contains("corrected")) {
    entry.corrected_account = in.at("corrected").at(0).get<int64_t>();
    entry.corrected_sequence = in.at("corrected").at(1).get<int64_t>();
  }
  entry.hold_until = TimeIn(in, "hold_until", absl::InfinitePast());
  entry.activity_type = in.value("activity_type", "");
  entry.reward_id = in.value("reward", "");
  entry.code = in.value("code", "");
  entry.counts_for_tier = in.value("for_tier", false);
}

std::vector<NewLot> LotsOfDetail(absl::string_view text) {
  const json in = json::parse(text);
  if (!in.contains("lots")) return {};
  return LotsOf(in.at("lots"));
}

std::string ProfileToJson(const Profile& profile) {
  json out;
  if (profile.birthday.month != 0)
    out["birthday"] = json::array({profile.birthday.month, profile.birthday.day});
  if (!profile.segment.empty()) out["segment"] = profile.segment;
  if (!profile.referrer_member_id.empty()) out["referrer"] = profile.referrer_member_id;
  for (const auto& [name, value] : profile.attributes) out["attributes"][name] = AttributeToJson(value);
  for (const Consent& consent : profile.consents) {
    out["consents"].push_back(
        json::array({consent.channel, consent.purpose, consent.granted, TimeText(consent.update_time)}));
  }
  return out.is_null() ? "" : out.dump();
}

std::shared_ptr<const Profile> ProfileFromJson(absl::string_view text) {
  auto profile = std::make_shared<Profile>();
  const json in = json::parse(text);
  if (in.contains("birthday")) {
    profile->birthday = {in.at("birthday").at(0).get<int32_t>(), in.at("birthday").at(1).get<int32_t>()};
  }
  profile->segment = in.value("segment", "");
  profile->referrer_member_id = in.value("referrer", "");
  if (in.contains("attributes")) {
    for (const auto& [name, value] : in.at("attributes").items()) {
      profile->attributes.emplace(name, AttributeOf(value));
    }
  }
  if (in.contains("consents")) {
    for (const json& one : in.at("consents")) {
      profile->consents.push_back({one.at(0).get<std::string>(), one.at(1).get<std::string>(),
                                   one.at(2).get<bool>(), TimeOf(one.at(3))});
    }
  }
  return profile;
}

}  // namespace loyalty::points
