// Between the contract's members and what is stored of them.
#pragma once

#include <string>

#include "common/status/status.h"
#include "loyalty/points/v1/points_service.pb.h"
#include "services/points/storage/member_store.h"

namespace loyalty::points {

v1::Member ToProto(const Member& member, const std::string& program_id);
// With the tier, if the program has tiers.
v1::Member ToProto(const MemberView& view, const std::string& program_id);
v1::MemberProfile ToProto(const Profile& profile);
v1::Consent ToProto(const Consent& consent);
// What cannot be read is added to the violations, below "profile".
Profile ToProfile(const v1::MemberProfile& in, Violations& violations);
// What a member has now.
v1::Balance BalanceOf(const Member& member);

}  // namespace loyalty::points
