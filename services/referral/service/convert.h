// Between the contract's messages and the domain's values. Only service/ knows both.
#pragma once

#include <string>

#include "common/rpc/time.h"
#include "common/status/status.h"
#include "loyalty/referral/v1/campaign.pb.h"
#include "loyalty/referral/v1/referral.pb.h"
#include "loyalty/referral/v1/referral_service.pb.h"
#include "services/referral/domain/campaign.h"
#include "services/referral/domain/code.h"
#include "services/referral/domain/referral.h"
#include "services/referral/storage/referral_reader.h"

namespace loyalty::referral {

using rpc::ToProto;  // of times
using rpc::ToTime;

// What is left out takes its default; an enum that is missing or unknown, and a time that is none, is added
// to the violations. `prefix` is that of ValidateTerms.
Terms ToTerms(const v1::CampaignTerms& in, const std::string& prefix, Violations& violations);
// A draft.
Campaign ToCampaign(const v1::Campaign& in, Violations& violations);
// As of `now`.
v1::Campaign ToProto(const Campaign& campaign, const std::string& program_id, absl::Time now);

v1::Code ToProto(const Code& code);
v1::Referral ToProto(const Referral& referral, const std::string& program_id);
v1::ReferralTransition ToProto(const Transition& transition);
v1::ReferrerStats ToProto(const Standing& standing);
v1::LeaderboardEntry ToProto(const LeaderboardRow& row);

}  // namespace loyalty::referral
