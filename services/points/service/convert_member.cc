#include "services/points/service/convert_member.h"

#include <absl/time/civil_time.h>

#include <optional>
#include <utility>
#include <variant>

#include "common/rpc/time.h"
#include "services/points/domain/reason.h"
#include "services/points/service/convert_entry.h"

namespace loyalty::points {
namespace {

void Fill(v1::MemberTier& out, const Standing& standing, const TierOutlook& outlook) {
  out.set_tier_id(standing.tier_id);
  if (standing.since != absl::InfinitePast()) *out.mutable_since_time() = rpc::ToProto(standing.since);
  if (outlook.until != absl::InfiniteFuture()) *out.mutable_until_time() = rpc::ToProto(outlook.until);
  out.set_progress_points(outlook.progress.points);
  out.set_progress_money_minor(outlook.progress.money_minor);
  out.set_progress_purchases(outlook.progress.purchases);
  out.set_next_tier_id(outlook.next_tier_id);
  out.set_missing_for_next(outlook.missing_for_next);
  out.set_missing_to_keep(outlook.missing_to_keep);
  if (!standing.override_) return;
  out.mutable_tier_override()->set_tier_id(standing.override_->tier_id);
  *out.mutable_tier_override()->mutable_until_time() = rpc::ToProto(standing.override_->until);
}

struct FillValue {
  v1::AttributeValue& out;

  void operator()(const std::string& text) const { out.set_text(text); }
  void operator()(int64_t number) const { out.set_number(number); }
  void operator()(bool flag) const { out.set_flag(flag); }
  void operator()(absl::CivilDay day) const { out.set_day(absl::FormatCivilTime(day)); }
};

// Only as FormatCivilTime writes it, which cannot be mistaken.
std::optional<Attribute> ToDay(const std::string& text) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) return std::nullopt;
  return day;
}

std::optional<Attribute> ToAttribute(const v1::AttributeValue& in) {
  switch (in.value_case()) {
    case v1::AttributeValue::kText:
      return in.text();
    case v1::AttributeValue::kNumber:
      return in.number();
    case v1::AttributeValue::kFlag:
      return in.flag();
    case v1::AttributeValue::kDay:
      return ToDay(in.day());
    case v1::AttributeValue::VALUE_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace

v1::Member ToProto(const Member& member, const std::string& program_id) {
  v1::Member out;
  out.set_program_id(program_id);
  out.set_member_id(member.id);
  *out.mutable_enroll_time() = rpc::ToProto(member.enroll_time);
  out.set_available_points(member.balance);
  out.set_pending_points(member.pending);
  out.set_held_points(member.held);
  out.set_debt_points(member.debt);
  out.set_entry_count(member.last_sequence);
  for (const MemberLabel& label : member.labels) *out.add_labels() = ToProto(label);
  const bool closed = member.close_time != absl::InfiniteFuture();
  out.set_state(closed ? v1::MEMBER_STATE_CLOSED : v1::MEMBER_STATE_ACTIVE);
  if (closed) *out.mutable_close_time() = rpc::ToProto(member.close_time);
  out.set_merged_into_member_id(member.merged_into);
  return out;
}

v1::Member ToProto(const MemberView& view, const std::string& program_id) {
  v1::Member out = ToProto(view.member, program_id);
  // Who has no tier has a next one, if there are any.
  const bool tiers = !view.standing.tier_id.empty() || !view.outlook.next_tier_id.empty();
  if (tiers) Fill(*out.mutable_tier(), view.standing, view.outlook);
  v1::MemberProfile profile = ToProto(view.profile);
  if (profile.ByteSizeLong() > 0) *out.mutable_profile() = std::move(profile);
  return out;
}

v1::MemberProfile ToProto(const Profile& profile) {
  v1::MemberProfile out;
  if (profile.birthday != Birthday()) {
    out.mutable_birthday()->set_month(profile.birthday.month);
    out.mutable_birthday()->set_day(profile.birthday.day);
  }
  out.set_segment(profile.segment);
  out.set_referrer_member_id(profile.referrer_member_id);
  for (const auto& [name, value] : profile.attributes) {
    std::visit(FillValue{(*out.mutable_attributes())[name]}, value);
  }
  return out;
}

v1::Consent ToProto(const Consent& consent) {
  v1::Consent out;
  out.set_channel(consent.channel);
  out.set_purpose(consent.purpose);
  out.set_granted(consent.granted);
  *out.mutable_update_time() = rpc::ToProto(consent.update_time);
  return out;
}

Profile ToProfile(const v1::MemberProfile& in, Violations& violations) {
  Profile profile;
  profile.birthday = {in.birthday().month(), in.birthday().day()};
  profile.segment = in.segment();
  profile.referrer_member_id = in.referrer_member_id();
  for (const auto& [name, value] : in.attributes()) {
    if (std::optional<Attribute> attribute = ToAttribute(value)) {
      profile.attributes.emplace(name, *std::move(attribute));
    } else {
      violations.Add("profile.attributes", reason::kMalformed,
                     "has a value that is neither text, number or flag, nor a day such as 2026-05-17.");
    }
  }
  return profile;
}

v1::Balance BalanceOf(const Member& member) {
  v1::Balance out;
  out.set_member_id(member.id);
  out.set_available_points(member.balance);
  out.set_sequence(member.last_sequence);
  out.set_pending_points(member.pending);
  out.set_held_points(member.held);
  out.set_debt_points(member.debt);
  return out;
}

}  // namespace loyalty::points
