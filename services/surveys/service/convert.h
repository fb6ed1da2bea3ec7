// Between the contract's messages and the domain's values. Only service/ knows both.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <vector>

#include "common/rpc/time.h"
#include "common/status/status.h"
#include "loyalty/surveys/v1/case.pb.h"
#include "loyalty/surveys/v1/response.pb.h"
#include "loyalty/surveys/v1/result_service.pb.h"
#include "loyalty/surveys/v1/survey.pb.h"
#include "services/surveys/domain/case.h"
#include "services/surveys/domain/invitation.h"
#include "services/surveys/domain/response.h"
#include "services/surveys/domain/score.h"
#include "services/surveys/domain/survey.h"

namespace loyalty::surveys {

using rpc::ToDuration;
using rpc::ToProto;  // of times and durations
using rpc::ToTime;

// A draft. What is left out takes its default; types that are not given or unknown are added to the
// violations.
Survey ToSurvey(const v1::Survey& in, Violations& violations);
v1::Survey ToProto(const Survey& survey);

// In the state that holds at `now`.
v1::Invitation ToProto(const Invitation& invitation, absl::Time now);

std::vector<Answer> ToAnswers(const google::protobuf::RepeatedPtrField<v1::Answer>& in);
v1::Response ToProto(const Response& response);
// The same without what the member wrote: of a text only that there is one.
v1::Response WithoutTexts(const Response& response);

// Overdue or not at `now`.
v1::Case ToProto(const Case& c, absl::Time now);
v1::CaseNote ToProto(const CaseNote& note);

// A survey's scores, which are grouped by `period`, as the answer to GetScores.
void Fill(v1::GetScoresResponse& out, const Survey& survey, const Scores& scores, Period period);

}  // namespace loyalty::surveys
