#include "services/points/service/convert_audience.h"

#include "common/rpc/time.h"

namespace loyalty::points {

AudienceAward ToAudienceAward(const v1::AwardAudienceRequest& in) {
  AudienceAward award;
  award.id = in.award_id();
  award.points = in.points();
  award.at_once = !in.has_award_time();
  if (in.has_award_time()) award.time = rpc::ToTime(in.award_time());
  award.audience.member_label = in.audience().member_label();
  award.audience.segment = in.audience().segment();
  award.audience.tier_ids = {in.audience().tier_ids().begin(), in.audience().tier_ids().end()};
  award.reason = in.reason();
  award.actor = in.actor();
  return award;
}

v1::AudienceAward ToProto(const AudienceAward& award, const std::string& program_id) {
  v1::AudienceAward out;
  out.set_program_id(program_id);
  out.set_award_id(award.id);
  out.set_points(award.points);
  *out.mutable_award_time() = rpc::ToProto(award.time);
  if (award.audience != Audience()) {
    out.mutable_audience()->set_member_label(award.audience.member_label);
    out.mutable_audience()->set_segment(award.audience.segment);
    for (const std::string& tier : award.audience.tier_ids) out.mutable_audience()->add_tier_ids(tier);
  }
  out.set_reason(award.reason);
  out.set_actor(award.actor);
  out.set_state(static_cast<v1::AudienceAwardState>(award.state));
  out.set_awarded_members(award.awarded_members);
  out.set_awarded_points(award.awarded_members * award.points);
  out.set_skipped_members(award.skipped_members);
  *out.mutable_create_time() = rpc::ToProto(award.create_time);
  if (award.done_time) *out.mutable_done_time() = rpc::ToProto(*award.done_time);
  return out;
}

}  // namespace loyalty::points
