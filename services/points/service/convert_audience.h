// Awards to audiences, between contract and domain.
#pragma once

#include <string>

#include "loyalty/points/v1/audience.pb.h"
#include "loyalty/points/v1/audience_service.pb.h"
#include "services/points/domain/audience.h"

namespace loyalty::points {

// As it is asked for. Values that make no sense are left to ValidateAudienceAward.
AudienceAward ToAudienceAward(const v1::AwardAudienceRequest& in);
v1::AudienceAward ToProto(const AudienceAward& award, const std::string& program_id);

}  // namespace loyalty::points
